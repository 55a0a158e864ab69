/** Pictures out of videos, by JavaCV in a caged process. */
@NullMarked
package io.caravel.thumbnail.video;

import org.jspecify.annotations.NullMarked;
