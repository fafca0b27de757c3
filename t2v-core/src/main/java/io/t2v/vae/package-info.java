/**
 * The autoencoder between pixels and latents: {@link io.t2v.vae.VaeDecoder} and {@link
 * io.t2v.vae.VaeEncoder}, and {@link io.t2v.vae.AutoencoderKl}, which is both. Inside, features are
 * [images, channels, height, width] in channels-last layout. Images are independent of each other.
 */
@NullMarked
package io.t2v.vae;

import org.jspecify.annotations.NullMarked;
