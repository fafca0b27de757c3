package io.t2v.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A run in which latents = clean + level · noise. */
abstract class SigmaPlan extends TensorPlan {
  private final float[] levels;
  private final double initialNoiseScale;

  /**
   * Plans a run.
   *
   * @param timesteps when the model is asked
   * @param levels noise levels of the latents then, at least as many
   * @param initialNoiseScale what noise is scaled with at the start
   */
  SigmaPlan(double[] timesteps, float[] levels, double initialNoiseScale) {
    super(timesteps);
    this.levels = levels.clone();
    this.initialNoiseScale = initialNoiseScale;
  }

  @Override
  public final double initialNoiseScale() {
    return initialNoiseScale;
  }

  @Override
  public final Tensor scaleModelInput(Tensor latents, int index) {
    return scoped(() -> latents.mul(new Scalar(inputScale(levels[index]))));
  }

  @Override
  final Sum noised(Tensor clean, Tensor noise, int index) {
    return Sum.of(1, clean).plus(levels[index], noise);
  }

  /** What latents of a noise level are multiplied with for the model. */
  double inputScale(float level) {
    return 1 / (float) Math.sqrt(level * level + 1);
  }

  /** The noise level of the latents at a timestep. */
  final float level(int index) {
    return levels[index];
  }

  /** The slope dx/dσ that a prediction means, as a sum of the latents and the model's output. */
  static Blend slope(PredictionType prediction, float level) {
    return Blend.LATENTS.minus(prediction.cleanAt(level)).times(1.0 / level);
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /** What an ancestral step adds as noise on the way between two levels. */
  static float up(float from, float to) {
    float toSquared = to * to;
    float fromSquared = from * from;
    return sqrt(toSquared * (fromSquared - toSquared) / fromSquared);
  }

  /** The level to which an ancestral step goes before it adds noise. */
  static float down(float to, float up) {
    return sqrt(to * to - up * up);
  }
}
