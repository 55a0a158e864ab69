/** The photos as people see them: lists, search, one photo with its jobs, the trash. */
@NullMarked
package io.caravel.gallery;

import org.jspecify.annotations.NullMarked;
