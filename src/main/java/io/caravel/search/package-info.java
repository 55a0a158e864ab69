/** The photos' texts in an index on disk, made from the database and thrown away at will. */
@NullMarked
package io.caravel.search;

import org.jspecify.annotations.NullMarked;
