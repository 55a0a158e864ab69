/** Photos: their bytes on disk, their rows, what a picture is. */
@NullMarked
package io.caravel.photo;

import org.jspecify.annotations.NullMarked;
