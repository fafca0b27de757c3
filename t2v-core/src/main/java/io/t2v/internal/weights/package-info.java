/** A layer's view of its parameters, and the sources that they are read from. */
@NullMarked
package io.t2v.internal.weights;

import org.jspecify.annotations.NullMarked;
