/** Metadata: what ExifTool reads in a photo, and what of it is searched. */
@NullMarked
package io.caravel.metadata;

import org.jspecify.annotations.NullMarked;
