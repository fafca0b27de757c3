package io.t2v.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Keeps a predicted clean sample in its range. The reference's thresholding and clip_sample. */
@FunctionalInterface
interface CleanLimit {
  /** Leaves the sample as it is. */
  CleanLimit NONE = clean -> clean;

  /**
   * Limits a sample.
   *
   * @param clean the predicted clean sample
   * @return the limited one
   */
  Tensor apply(Tensor clean);

  /**
   * Reads what a configuration asks for.
   *
   * @param options options with {@link Options#THRESHOLDING} and perhaps {@link
   *     Options#CLIP_SAMPLE}; where both are on, thresholding wins, as in the reference
   * @return the limit, {@link #NONE} for none
   */
  static CleanLimit of(OptionValues options) {
    if (options.isOn(Options.THRESHOLDING)) {
      return new DynamicThreshold(
              options.get(Options.DYNAMIC_THRESHOLDING_RATIO),
              options.get(Options.SAMPLE_MAX_VALUE))
          ::apply;
    }
    if (options.isOn(Options.CLIP_SAMPLE)) {
      double range = options.get(Options.CLIP_SAMPLE_RANGE);
      return clean ->
          clean.clamp(
              new ScalarOptional(new Scalar(-range)), new ScalarOptional(new Scalar(range)));
    }
    return NONE;
  }
}
