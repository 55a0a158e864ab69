/** The same picture twice: smaller, in another format, with other metadata. */
@NullMarked
package io.caravel.duplicate;

import org.jspecify.annotations.NullMarked;
