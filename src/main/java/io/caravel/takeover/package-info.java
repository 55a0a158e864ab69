/** Takes over the photos, faces and decisions of the site that Caravel replaces. */
@NullMarked
package io.caravel.takeover;

import org.jspecify.annotations.NullMarked;
