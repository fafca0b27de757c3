package io.t2v.internal.unet3d;

import io.t2v.unet.UnetAdjustments;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What all layers see besides the hidden state.
 *
 * @param frames of each sample
 * @param textKeysValues for each cross-attention, the projected text, [samples, tokens, 2 · width]
 *     or [samples, frames, tokens, 2 · width]
 * @param time activated embedding of the timestep, [1 or samples, time embedding width]
 * @param adjustments of this generation
 */
record ForwardContext(
    int frames, List<Tensor> textKeysValues, Tensor time, UnetAdjustments adjustments) {
  /** Returns the context of some of the samples. */
  ForwardContext of(List<Integer> samples) {
    return new ForwardContext(
        frames,
        textKeysValues.stream().map(text -> rows(text, samples)).toList(),
        time.size(0) == 1 ? time : rows(time, samples),
        adjustments);
  }

  private static Tensor rows(Tensor batch, List<Integer> samples) {
    Tensor[] rows = samples.stream().map(i -> batch.narrow(0, i, 1)).toArray(Tensor[]::new);
    return rows.length == 1 ? rows[0] : torch.cat(new TensorVector(rows), 0);
  }
}
