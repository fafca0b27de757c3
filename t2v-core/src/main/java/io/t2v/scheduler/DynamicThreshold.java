package io.t2v.scheduler;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * Dynamic thresholding of Saharia et al., "Photorealistic Text-to-Image Diffusion Models" (Imagen):
 * clips each sample at a quantile of its own magnitudes, and scales it back to [-1, 1].
 *
 * @param ratio the quantile
 * @param maxValue upper bound of the clipping value; the lower one is 1
 */
record DynamicThreshold(double ratio, double maxValue) {
  Tensor apply(Tensor clean) {
    Tensor flat = clean.reshape(clean.size(0), -1);
    // stays on the device: no value comes back to the host
    Tensor limit =
        flat.abs()
            .quantile(ratio, new LongOptional(1), true, "linear")
            .clamp(new ScalarOptional(new Scalar(1.0)), new ScalarOptional(new Scalar(maxValue)));
    return flat.clamp(new TensorOptional(limit.neg()), new TensorOptional(limit))
        .div_(limit)
        .reshape(clean.sizes());
  }
}
