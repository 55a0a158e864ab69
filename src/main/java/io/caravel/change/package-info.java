/** What changes of photos and faces, told in one order without gaps: outbox, numberer, reader. */
@NullMarked
package io.caravel.change;

import org.jspecify.annotations.NullMarked;
