package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** A run of the DPM-Solver family: latents = alpha · clean + sigma · noise with unit variance. */
abstract class LogSnrPlan extends TensorPlan {
  private final LogSnr[] points;
  private final PredictionType prediction;
  private final SampleClipping clipping;

  LogSnrPlan(LogSnrLevels levels, PredictionType prediction, SampleClipping clipping) {
    super(levels.timesteps);
    this.points = levels.points;
    this.prediction = prediction;
    this.clipping = clipping;
  }

  final int steps() {
    return points.length - 1;
  }

  /** The noise level of a step, or after the last step the one at which the run ends. */
  final LogSnr point(int index) {
    return points[index];
  }

  /** The clean sample that an output means, in single precision or better, in its own memory. */
  final Tensor predX0(Tensor output, int index, Tensor latents) {
    LogSnr at = points[index];
    return clipping.apply(prediction.predX0(output, latents, at.alpha(), at.sigma()).tensor());
  }

  /** The noise that an output means, in single precision or better, in its own memory. */
  final Tensor predEpsilon(Tensor output, int index, Tensor latents) {
    LogSnr at = points[index];
    if (clipping == SampleClipping.NONE) {
      return prediction.predEpsilon(output, latents, at.alpha(), at.sigma()).tensor();
    }
    return LinearCombination.of(1 / at.sigma(), latents)
        .plus(-at.alpha() / at.sigma(), predX0(output, index, latents))
        .tensor();
  }

  @Override
  final LinearCombination noised(Tensor clean, Tensor noise, int index) {
    return LinearCombination.of(points[index].alpha(), clean).plus(points[index].sigma(), noise);
  }
}
