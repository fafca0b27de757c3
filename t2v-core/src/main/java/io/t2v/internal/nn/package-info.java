/** Layers that the networks share. */
@NullMarked
package io.t2v.internal.nn;

import org.jspecify.annotations.NullMarked;
