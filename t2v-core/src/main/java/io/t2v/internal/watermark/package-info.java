/** An invisible payload in the luminance of frames, and its reader. Plain arrays, no tensors. */
@NullMarked
package io.t2v.internal.watermark;

import org.jspecify.annotations.NullMarked;
