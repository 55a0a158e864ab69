/**
 * Crash proofs: the program, its broker and its neighbours are killed at any moment, and what the
 * outside was promised is looked for afterwards.
 */
@NullMarked
package io.caravel.crash;

import org.jspecify.annotations.NullMarked;
