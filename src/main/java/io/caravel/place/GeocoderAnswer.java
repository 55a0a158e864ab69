package io.caravel.place;

import org.jspecify.annotations.Nullable;

/**
 * What a geocoder says of a position. Texts are no longer than their columns in {@code places}.
 *
 * @param found false: it knows no address there; then the other parts but json are null
 * @param name the whole address in a line
 * @param city or town, village, municipality: the smallest that is named
 * @param attribution whom to thank wherever the place is shown
 * @param json the answer as it came
 */
public record GeocoderAnswer(
    boolean found,
    @Nullable String name,
    @Nullable String country,
    @Nullable String city,
    @Nullable String attribution,
    String json) {}
