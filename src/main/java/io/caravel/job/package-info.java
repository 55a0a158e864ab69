/** Jobs: what is to be done for which photo, and what became of it. */
@NullMarked
package io.caravel.job;

import org.jspecify.annotations.NullMarked;
