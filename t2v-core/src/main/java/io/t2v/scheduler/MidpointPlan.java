package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkState;

import org.bytedeco.pytorch.Tensor;

/**
 * A run that evaluates the model twice in every step but the last: at the start of the step, and
 * inside it.
 */
abstract class MidpointPlan extends SigmaPlan {
  private final SigmaLevels run;
  private final TensorHistory start = history("start", 1);

  /**
   * Plans a run.
   *
   * @param run noise levels of the steps
   * @param evaluations the same with the levels inside the steps
   * @param initialNoiseScale what noise is scaled with at the start
   */
  MidpointPlan(SigmaLevels run, SigmaLevels evaluations, double initialNoiseScale) {
    super(evaluations, initialNoiseScale);
    this.run = run;
  }

  @Override
  public final int startIndex(int skippedSteps) {
    return 2 * skippedSteps;
  }

  @Override
  final Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
    int step = index / 2;
    if (step == run.steps() - 1) {
      return toEnd(modelOutput, index, latents);
    }
    if (index % 2 == 0) {
      start.push(LinearCombination.of(latents).tensor());
      return toMiddle(modelOutput, index, latents, noise);
    }
    checkState(start.size() > 0, "a run of this scheduler cannot begin at timestep %s", index);
    return toNext(modelOutput, index, latents, noise);
  }

  /** The last step, by Euler's method. */
  private Tensor toEnd(Tensor modelOutput, int index, Tensor latents) {
    float level = level(index);
    return LinearCombination.of(latents)
        .plus(slope(prediction(), modelOutput, latents, level).times(-level))
        .tensor();
  }

  abstract PredictionType prediction();

  /** Goes from the start of a step to the level inside it. */
  abstract Tensor toMiddle(Tensor modelOutput, int index, Tensor latents, Noise noise);

  /** Goes from the start of a step to the next one, with the model's output inside it. */
  abstract Tensor toNext(Tensor modelOutput, int index, Tensor latents, Noise noise);

  /** The latents at the start of the current step. */
  final Tensor start() {
    return start.get(0);
  }

  /** The noise level at the start of the step of an evaluation. */
  final float from(int index) {
    return run.levels[index / 2];
  }

  /** The noise level at the end of the step of an evaluation. */
  final float to(int index) {
    return run.levels[index / 2 + 1];
  }

  final float lowest() {
    return run.levels[run.steps() - 1];
  }

  final float highest() {
    return run.levels[0];
  }
}
