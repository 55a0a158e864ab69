/**
 * The page as a person meets it: in a real Chromium, with keyboard, widths, and dropped folders.
 */
@NullMarked
package io.caravel.web;

import org.jspecify.annotations.NullMarked;
