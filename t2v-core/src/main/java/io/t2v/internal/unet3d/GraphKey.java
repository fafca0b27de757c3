package io.t2v.internal.unet3d;

import com.google.common.primitives.Longs;
import io.t2v.internal.torch.HostTensors;
import io.t2v.unet.Conditioning;
import io.t2v.unet.UnetAdjustments;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What is fixed in a recorded prediction of one denoiser, whose weights, adapters and number type
 * are fixed anyway: the shapes of all inputs, and what decides which kernels run.
 */
record GraphKey(
    List<Long> latents,
    List<Long> time,
    List<Long> text,
    int microBatch,
    UnetAdjustments adjustments) {
  /** text: projected, for each layer that attends to it. */
  static GraphKey of(Tensor latents, Tensor time, List<Tensor> text, Conditioning conditioning) {
    return new GraphKey(
        shape(latents),
        shape(time),
        shape(text.get(0)),
        conditioning.microBatch(),
        conditioning.adjustments());
  }

  private static List<Long> shape(Tensor x) {
    return Longs.asList(HostTensors.shape(x));
  }
}
