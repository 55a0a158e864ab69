/** Programs that others wrote, run on files that others wrote: within limits. */
@NullMarked
package io.caravel.child;

import org.jspecify.annotations.NullMarked;
