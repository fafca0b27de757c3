/**
 * Assembles a pipeline from a checkpoint and plug-ins, and holds what a generation computes with.
 */
@NullMarked
package io.t2v.internal.pipeline;

import org.jspecify.annotations.NullMarked;
