/** The migrations that SQL cannot say alike for all databases; the others lie beside the sql. */
@NullMarked
package db.migration;

import org.jspecify.annotations.NullMarked;
