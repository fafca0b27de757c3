/** The interfaces of the autoencoder's two halves for plug-ins, and tiling. */
@NullMarked
package io.t2v.vae;

import org.jspecify.annotations.NullMarked;
