package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** What the denoiser predicts. The reference's {@code prediction_type}. */
public enum PredictionType implements ConfigValue {
  /** The noise. */
  EPSILON("epsilon") {
    @Override
    Blend clean(double alpha, double sigma) {
      return new Blend(1 / alpha, -sigma / alpha);
    }

    @Override
    Blend noise(double alpha, double sigma) {
      return Blend.MODEL;
    }

    @Override
    Blend cleanAt(float level) {
      return new Blend(1, -level);
    }
  },
  /** The clean sample. */
  SAMPLE("sample") {
    @Override
    Blend clean(double alpha, double sigma) {
      return Blend.MODEL;
    }

    @Override
    Blend noise(double alpha, double sigma) {
      return new Blend(1 / sigma, -alpha / sigma);
    }

    @Override
    Blend cleanAt(float level) {
      return Blend.MODEL;
    }
  },
  /** The velocity of Salimans and Ho, "Progressive Distillation for Fast Sampling". */
  V_PREDICTION("v_prediction") {
    @Override
    Blend clean(double alpha, double sigma) {
      return new Blend(alpha, -sigma);
    }

    @Override
    Blend noise(double alpha, double sigma) {
      return new Blend(sigma, alpha);
    }

    @Override
    Blend cleanAt(float level) {
      float norm = level * level + 1;
      return new Blend(1 / norm, -level / (float) Math.sqrt(norm));
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
   * Computes the clean sample that a prediction means, for a scheduler of one's own.
   *
   * @param modelOutput what the denoiser said
   * @param latents the latents, unscaled: signal · clean + spread · noise
   * @param signal share of the clean sample in them, above 0
   * @param spread share of the noise in them, at least 0
   * @return a tensor of its own, which belongs to the caller or to the innermost open scope
   */
  public Tensor toClean(Tensor modelOutput, Tensor latents, double signal, double spread) {
    double norm = Math.hypot(signal, spread);
    Blend clean = clean(signal / norm, spread / norm);
    return TensorPlan.scoped(
        () ->
            new Blend(clean.ofLatents() / norm, clean.ofModel()).of(latents, modelOutput).tensor());
  }

  /**
   * Gives the clean sample that a prediction means, where latents = alpha · clean + sigma · noise.
   *
   * @param alpha share of the clean sample in the latents
   * @param sigma share of the noise in the latents
   * @return the clean sample, of the latents and the model's output
   */
  abstract Blend clean(double alpha, double sigma);

  /**
   * Gives the noise that a prediction means.
   *
   * @param alpha share of the clean sample in the latents
   * @param sigma share of the noise in the latents
   * @return the noise, of the latents and the model's output
   */
  abstract Blend noise(double alpha, double sigma);

  /**
   * Gives the clean sample that a prediction means, where latents = clean + level · noise.
   *
   * @param level the noise level
   * @return the clean sample, of the latents and the model's output
   */
  abstract Blend cleanAt(float level);
}
