package io.t2v.scheduler;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A run of DPM-Solver: each step is a weighted sum of latents, earlier outputs and noise. */
abstract class DpmSolverPlan extends LogSnrPlan {
  private final TensorHistory outputs;
  private final DpmAlgorithm algorithm;
  private final Optional<VarianceType> variance;

  DpmSolverPlan(
      LogSnrLevels levels,
      OptionValues options,
      DpmAlgorithm algorithm,
      PredictionType prediction) {
    super(levels, prediction, SampleClipping.of(options));
    this.outputs = history("outputs", options.get(Options.SOLVER_ORDER));
    this.algorithm = algorithm;
    this.variance = options.get(Options.VARIANCE_TYPE);
  }

  @Override
  final Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
    // learned variances follow the mean as further channels: these solvers ignore them
    Tensor mean = variance.isPresent() ? modelOutput.narrow(1, 0, latents.size(1)) : modelOutput;
    Tensor newest =
        outputs.push(
            algorithm.predictsX0()
                ? predX0(mean, index, latents)
                : predEpsilon(mean, index, latents));
    DpmUpdate update = update(index, outputs.size());
    LinearCombination next = update.applied(base(index, outputs.size(), latents), outputs);
    return algorithm.stochastic()
        ? withNoise(next, update.ofNoise(), noise, newest)
        : next.tensor();
  }

  /**
   * Gives the update of a step.
   *
   * @param index which step
   * @param known how many outputs are remembered, that of this step included
   */
  abstract DpmUpdate update(int index, int known);

  /** The latents from which a step starts. */
  abstract Tensor base(int index, int known, Tensor latents);
}
