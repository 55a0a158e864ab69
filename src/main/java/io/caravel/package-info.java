/** Caravel, a photo pipeline: start-up and settings. */
@NullMarked
package io.caravel;

import org.jspecify.annotations.NullMarked;
