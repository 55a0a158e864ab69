/** Doors: HTTP beyond the routes: guard, log-in, files, events, health. */
@NullMarked
package io.caravel.door;

import org.jspecify.annotations.NullMarked;
