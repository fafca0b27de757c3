/**
 * Layers that the networks share, and the convolution kernels between which they choose.
 *
 * <p>A layer loads its parameters by their names in the checkpoint, and computes in one call of
 * {@code forward}, whose result belongs to the innermost open scope of the caller.
 */
@NullMarked
package io.t2v.internal.nn;

import org.jspecify.annotations.NullMarked;
