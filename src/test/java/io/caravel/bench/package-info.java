/** The long measurements of src/bench, and short forms of those that prove something. */
@NullMarked
package io.caravel.bench;

import org.jspecify.annotations.NullMarked;
