/**
 * The denoiser: {@link io.t2v.unet.Unet3dDenoiser}, what a generation asks, and the UNet3D that
 * answers. Inside, features are [batch × frames, channels, height, width] in channels-last layout,
 * so that spatial tokens, temporal convolutions and linear layers are views of one buffer.
 */
@NullMarked
package io.t2v.unet;

import org.jspecify.annotations.NullMarked;
