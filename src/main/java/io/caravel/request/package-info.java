/** What callers ask, as the rooms are told: values, and no text to be read anew. */
@NullMarked
package io.caravel.request;

import org.jspecify.annotations.NullMarked;
