package io.caravel.place;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;

/**
 * This room and its part of the flow alone. Not a {@code @Configuration}: the scan of the whole
 * program must not find it.
 */
@EnableAutoConfiguration
@ComponentScan
@ComponentScan(
    basePackages = "io.caravel.database",
    useDefaultFilters = false,
    includeFilters =
        @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\.DatabaseConfiguration"))
@ComponentScan(
    basePackages = "io.caravel.flow",
    useDefaultFilters = false,
    includeFilters =
        @ComponentScan.Filter(
            type = FilterType.REGEX,
            pattern = ".*\\.NominatimClientConfiguration"))
class PlaceFlow {}
