/** The database as a file: what of it is on the disk when, how it stays small, and its copies. */
@NullMarked
package io.caravel.database;

import org.jspecify.annotations.NullMarked;
