package io.t2v.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Keeps a predicted clean sample in the range of the training data. The reference's {@code
 * clip_sample} and {@code thresholding}.
 */
@FunctionalInterface
interface SampleClipping {
  /** Leaves the sample as it is. */
  SampleClipping NONE = x0 -> x0;

  /**
   * Clips a sample.
   *
   * @param x0 the predicted clean sample
   * @return the clipped one
   */
  Tensor apply(Tensor x0);

  /**
   * Reads what a configuration asks for.
   *
   * @param options where {@link Options#THRESHOLDING} and {@link Options#CLIP_SAMPLE} are both on,
   *     thresholding wins, as in the reference
   * @return the clipping, {@link #NONE} where both are off or absent
   */
  static SampleClipping of(OptionValues options) {
    if (options.isOn(Options.THRESHOLDING)) {
      return new DynamicThreshold(
              options.get(Options.DYNAMIC_THRESHOLDING_RATIO),
              options.get(Options.SAMPLE_MAX_VALUE))
          ::apply;
    }
    if (options.isOn(Options.CLIP_SAMPLE)) {
      double range = options.get(Options.CLIP_SAMPLE_RANGE);
      return x0 ->
          x0.clamp(new ScalarOptional(new Scalar(-range)), new ScalarOptional(new Scalar(range)));
    }
    return NONE;
  }
}
