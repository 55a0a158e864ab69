/** The database schema, the same on each database. */
@NullMarked
package io.caravel.schema;

import org.jspecify.annotations.NullMarked;
