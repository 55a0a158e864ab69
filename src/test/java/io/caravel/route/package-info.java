/** The shipped routes, told by tests: one class for each route file, and what lies across them. */
@NullMarked
package io.caravel.route;

import org.jspecify.annotations.NullMarked;
