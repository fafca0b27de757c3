/** The denoiser's interface for plug-ins and its values. */
@NullMarked
package io.t2v.unet;

import org.jspecify.annotations.NullMarked;
