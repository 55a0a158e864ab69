/** The face engine on dlib. */
@NullMarked
package io.caravel.face.dlib;

import org.jspecify.annotations.NullMarked;
