/**
 * The 3-D UNet. Features are [samples × frames, channels, height, width] in channels-last memory
 * format, in which spatial tokens, temporal convolutions and linear layers see views of one buffer.
 */
@NullMarked
package io.t2v.internal.unet3d;

import org.jspecify.annotations.NullMarked;
