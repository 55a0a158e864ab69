@NullMarked
package io.caravel.database;

import org.jspecify.annotations.NullMarked;
