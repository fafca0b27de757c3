package io.t2v.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What the denoiser predicts. The reference's {@code prediction_type}.
 *
 * <p>Any of them, together with the latents x = α · x₀ + σ · ε, tells both the clean sample x₀ and
 * the noise ε.
 */
public enum PredictionType implements ConfigValue {
  /** The noise ε. */
  EPSILON("epsilon") {
    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return LinearCombination.of(1 / alpha, latents).plus(-sigma / alpha, modelOutput);
    }

    @Override
    LinearCombination predEpsilon(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return outputAlone(modelOutput, latents);
    }

    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, float sigma) {
      return LinearCombination.of(latents).plus(-sigma, modelOutput);
    }
  },
  /** The clean sample x₀. */
  SAMPLE("sample") {
    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return outputAlone(modelOutput, latents);
    }

    @Override
    LinearCombination predEpsilon(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return LinearCombination.of(1 / sigma, latents).plus(-alpha / sigma, modelOutput);
    }

    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, float sigma) {
      return outputAlone(modelOutput, latents);
    }
  },
  /**
   * The velocity v = α · ε − σ · x₀ of Salimans and Ho, "Progressive Distillation for Fast
   * Sampling".
   */
  V_PREDICTION("v_prediction") {
    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return LinearCombination.of(alpha, latents).plus(-sigma, modelOutput);
    }

    @Override
    LinearCombination predEpsilon(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
      return LinearCombination.of(sigma, latents).plus(alpha, modelOutput);
    }

    @Override
    LinearCombination predX0(Tensor modelOutput, Tensor latents, float sigma) {
      float norm = sigma * sigma + 1;
      return LinearCombination.of(1 / norm, latents)
          .plus(-sigma / (float) Math.sqrt(norm), modelOutput);
    }
  };

  private final String configName;

  PredictionType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }

  /**
   * Computes the clean sample that a prediction means, for custom schedulers.
   *
   * @param modelOutput what the denoiser predicted
   * @param latents the latents, unscaled: alpha · clean + sigma · noise, of any variance
   * @param alpha share of the clean sample in them, above 0
   * @param sigma share of the noise in them, at least 0
   * @return a new tensor, which belongs to the innermost open scope, or without one to the caller
   */
  public Tensor toX0(Tensor modelOutput, Tensor latents, double alpha, double sigma) {
    double norm = Math.hypot(alpha, sigma);
    return SamplingPlan.scoped(
        () -> {
          Tensor unit = latents.div(new Scalar(norm));
          return predX0(modelOutput, unit, alpha / norm, sigma / norm).tensor();
        });
  }

  /** Gives the clean sample, where latents = alpha · x0 + sigma · noise and alpha² + sigma² = 1. */
  abstract LinearCombination predX0(Tensor modelOutput, Tensor latents, double alpha, double sigma);

  /** Gives the noise, where latents = alpha · x0 + sigma · noise and alpha² + sigma² = 1. */
  abstract LinearCombination predEpsilon(
      Tensor modelOutput, Tensor latents, double alpha, double sigma);

  /** Gives the clean sample, where latents = x0 + sigma · noise. */
  abstract LinearCombination predX0(Tensor modelOutput, Tensor latents, float sigma);

  /** The latents come first in every combination: the order of terms decides how sums round. */
  private static LinearCombination outputAlone(Tensor modelOutput, Tensor latents) {
    return LinearCombination.of(0, latents).plus(1, modelOutput);
  }
}
