/**
 * Files of a checkpoint: layouts, key maps, configs, safetensors, pickles and zip, each with
 * limits.
 */
@NullMarked
package io.t2v.internal.files;

import org.jspecify.annotations.NullMarked;
