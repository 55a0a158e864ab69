/** The picture engine on libvips, in this process and in a caged one. */
@NullMarked
package io.caravel.thumbnail.vips;

import org.jspecify.annotations.NullMarked;
