/** Faces: found, encoded, matched with people, and what people decided about them. */
@NullMarked
package io.caravel.face;

import org.jspecify.annotations.NullMarked;
