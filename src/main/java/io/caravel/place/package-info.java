/** Places: names for positions, asked of a geocoder at a strict pace. */
@NullMarked
package io.caravel.place;

import org.jspecify.annotations.NullMarked;
