/** Places, tested on the shipped routes against a geocoder of our own. */
@NullMarked
package io.caravel.place;

import org.jspecify.annotations.NullMarked;
