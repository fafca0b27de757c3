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
   * @param evaluations when the model is called, and the noise levels of the latents then
   * @param initialNoiseScale what noise is scaled with at the start
   */
  SigmaPlan(SigmaLevels evaluations, double initialNoiseScale) {
    super(evaluations.timesteps);
    this.levels = evaluations.levels.clone();
    this.initialNoiseScale = initialNoiseScale;
  }

  @Override
  public final double initialNoiseScale() {
    return initialNoiseScale;
  }

  @Override
  public final Tensor scaleModelInput(Tensor latents, int index) {
    return SamplingPlan.scoped(() -> latents.mul(new Scalar(inputScale(levels[index]))));
  }

  @Override
  final LinearCombination noised(Tensor clean, Tensor noise, int index) {
    return LinearCombination.of(clean).plus(levels[index], noise);
  }

  /** What latents of a noise level are multiplied with for the model. */
  double inputScale(float level) {
    return 1 / (float) Math.sqrt(level * level + 1);
  }

  /** The noise level of the latents at a timestep; after the last one, that at the end. */
  final float level(int index) {
    return levels[index];
  }

  /** The slope dx/dσ of the latents x that a prediction means at a noise level. */
  static LinearCombination slope(
      PredictionType prediction, Tensor modelOutput, Tensor latents, float level) {
    return LinearCombination.of(latents)
        .minus(prediction.predX0(modelOutput, latents, level))
        .times(1.0 / level);
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
