/**
 * What is on disk: checkpoints, their configurations, and tensors in safetensors files, read in
 * place.
 */
@NullMarked
package io.t2v.checkpoint;

import org.jspecify.annotations.NullMarked;
