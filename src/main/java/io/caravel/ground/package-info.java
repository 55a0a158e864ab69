/** What all rooms stand on: failures and their causes, time, nodes, files that last. */
@NullMarked
package io.caravel.ground;

import org.jspecify.annotations.NullMarked;
