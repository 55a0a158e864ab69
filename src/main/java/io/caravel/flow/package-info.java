/** The flow: what the Camel routes need beyond Camel. The only importer of Camel. */
@NullMarked
package io.caravel.flow;

import org.jspecify.annotations.NullMarked;
