package io.t2v.unet;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What all layers of one call share.
 *
 * @param frames of each clip
 * @param clips in the conditioning's batch: features of fewer clips are repeated where text comes
 *     in
 * @param textKeysValues for each cross-attention, the projected text [clips, tokens, 2 · inner
 *     width]
 * @param time activated embedding of the timestep, [1 or clips, time embedding width]
 */
record Pass(int frames, long clips, List<Tensor> textKeysValues, Tensor time) {
  /**
   * Repeats features until they fill the conditioning's batch.
   *
   * @param x [clips' × frames, ...] with clips' a fraction of clips
   * @return [clips × frames, ...]; x itself if it is full already
   */
  Tensor repeated(Tensor x) {
    return repeat(x, clips * frames / x.size(0));
  }

  static Tensor repeat(Tensor x, long copies) {
    if (copies == 1) {
      return x;
    }
    TensorVector all = new TensorVector();
    for (long i = 0; i < copies; i++) {
      all.push_back(x);
    }
    return torch.cat(all, 0);
  }
}
