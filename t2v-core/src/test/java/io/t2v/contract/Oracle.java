package io.t2v.contract;

import io.t2v.scheduler.PredictionType;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A model that knows the clean sample. */
@FunctionalInterface
public interface Oracle {
  /**
   * Answers as a perfect model would.
   *
   * @param clean the clean sample that it knows
   * @param latents the latents, unscaled
   * @param signal share of the clean sample in the latents
   * @param spread share of the noise in the latents
   * @return the model's output
   */
  Tensor answer(Tensor clean, Tensor latents, double signal, double spread);

  /**
   * Makes the oracle for a usual prediction.
   *
   * @param prediction what the model predicts
   * @return the oracle
   */
  static Oracle of(PredictionType prediction) {
    return (clean, latents, signal, spread) -> {
      Tensor noise = latents.sub(clean.mul(new Scalar(signal))).div(new Scalar(spread));
      double norm = Math.hypot(signal, spread);
      return switch (prediction) {
        case EPSILON -> noise;
        case SAMPLE -> clean;
        case V_PREDICTION ->
            noise.mul(new Scalar(signal / norm)).sub(clean.mul(new Scalar(spread / norm)));
      };
    };
  }
}
