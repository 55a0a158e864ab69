/** Tests of the import, on dumps that they write, and on the sample where it is there. */
@NullMarked
package io.caravel.takeover;

import org.jspecify.annotations.NullMarked;
