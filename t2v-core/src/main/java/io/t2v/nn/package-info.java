/** The layers that the text encoder, the denoiser and the autoencoder share. */
@NullMarked
package io.t2v.nn;

import org.jspecify.annotations.NullMarked;
