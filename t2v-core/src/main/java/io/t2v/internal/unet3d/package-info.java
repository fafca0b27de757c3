/**
 * The UNet3D. Features are [batch × frames, channels, height, width] in channels-last memory
 * format, so that spatial tokens, temporal convolutions and linear layers are views of one buffer.
 */
@NullMarked
package io.t2v.internal.unet3d;

import org.jspecify.annotations.NullMarked;
