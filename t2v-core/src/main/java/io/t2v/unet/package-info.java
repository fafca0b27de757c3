/** The denoiser: an interface for plug-ins, and the values that it works on. */
@NullMarked
package io.t2v.unet;

import org.jspecify.annotations.NullMarked;
