/** Thumbnails: smaller, upright copies without metadata. */
@NullMarked
package io.caravel.thumbnail;

import org.jspecify.annotations.NullMarked;
