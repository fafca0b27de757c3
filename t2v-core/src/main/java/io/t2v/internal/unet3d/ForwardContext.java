package io.t2v.internal.unet3d;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What all layers of one pass through the network share.
 *
 * @param frames of each clip
 * @param textKeysValues for each cross-attention, the projected text of each clip or of each frame,
 *     [clips or clips × frames, tokens, 2 · inner width]
 * @param time activated embedding of the timestep, [1 or clips, time embedding width]
 */
record ForwardContext(int frames, List<Tensor> textKeysValues, Tensor time) {}
