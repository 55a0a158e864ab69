package io.caravel.place;

/**
 * A place that is kept.
 *
 * @param found false: the geocoder knows no address there
 */
public record Place(long id, boolean found) {}
