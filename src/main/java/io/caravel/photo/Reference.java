package io.caravel.photo;

import org.jspecify.annotations.Nullable;

/**
 * A file that lies on a disk already, as another program names it.
 *
 * @param imageId by which that program knows the photo
 * @param disk a named storage root
 * @param path the file's directory below it
 * @param target where copies of its thumbnails are wanted
 */
public record Reference(
    @Nullable Long imageId, String disk, String path, String file, @Nullable String target) {}
