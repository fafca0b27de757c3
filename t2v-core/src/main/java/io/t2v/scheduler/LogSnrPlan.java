package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** A run of the DPM-Solver family: latents = alpha · clean + sigma · noise with unit variance. */
abstract class LogSnrPlan extends TensorPlan {
  private final LogSnr[] points;
  private final PredictionType prediction;
  private final CleanLimit limit;

  LogSnrPlan(LogSnrLevels levels, PredictionType prediction, CleanLimit limit) {
    super(levels.timesteps);
    this.points = levels.points;
    this.prediction = prediction;
    this.limit = limit;
  }

  final int steps() {
    return points.length - 1;
  }

  /** The noise level of a step, or after the last step the one at which the run ends. */
  final LogSnr point(int index) {
    return points[index];
  }

  /** The clean sample that an output means, in single precision or better, in memory of its own. */
  final Tensor clean(Tensor output, int index, Tensor latents) {
    LogSnr at = points[index];
    return limit.apply(prediction.clean(at.alpha(), at.sigma()).of(latents, output).tensor());
  }

  /** The noise that an output means, in single precision or better, in memory of its own. */
  final Tensor noise(Tensor output, int index, Tensor latents) {
    LogSnr at = points[index];
    if (limit == CleanLimit.NONE) {
      return prediction.noise(at.alpha(), at.sigma()).of(latents, output).tensor();
    }
    return Sum.of(1 / at.sigma(), latents)
        .plus(-at.alpha() / at.sigma(), clean(output, index, latents))
        .tensor();
  }

  /** The mean, where learned variances follow it as further channels: these solvers ignore them. */
  static Tensor mean(Tensor modelOutput, Tensor latents, OptionValues options) {
    return options.get(Options.VARIANCE_TYPE).isPresent()
        ? modelOutput.narrow(1, 0, latents.size(1))
        : modelOutput;
  }

  @Override
  final Sum noised(Tensor clean, Tensor noise, int index) {
    return Sum.of(points[index].alpha(), clean).plus(points[index].sigma(), noise);
  }
}
