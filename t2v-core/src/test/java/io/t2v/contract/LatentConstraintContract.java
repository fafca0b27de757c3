package io.t2v.contract;

import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.scheduler.EulerDiscreteScheduler;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import org.bytedeco.pytorch.Tensor;

/**
 * What the pipeline relies on, checked for any constraint:
 *
 * <pre>{@code
 * LatentConstraintContract.of(new MyConstraint()).check();
 * }</pre>
 *
 * <p>Latents come back with their shape and dtype, at every step and after the last one; the result
 * depends on arguments and seeds alone, and arguments stay as they are; runs, threads and the
 * videos of a batch do not disturb each other; no native object is left behind. Immutable.
 */
public final class LatentConstraintContract extends TensorContract {
  private static final int STEPS = 4;

  private final LatentConstraint constraint;
  private final long[] shape;

  private LatentConstraintContract(LatentConstraint constraint, long... shape) {
    super(constraint.name(), "videos");
    this.constraint = constraint;
    this.shape = shape;
  }

  /**
   * Takes a constraint.
   *
   * @param constraint to be checked, on latents of two frames of 4 × 6 with 4 channels
   * @return the contract
   */
  public static LatentConstraintContract of(LatentConstraint constraint) {
    return new LatentConstraintContract(constraint, 2, 4, 4, 6);
  }

  /**
   * Sets the latents of a video, for constraints that fit one size.
   *
   * @param frames how many
   * @param channels of each
   * @param height of each
   * @param width of each
   * @return the contract with this size
   */
  public LatentConstraintContract latents(long frames, long channels, long height, long width) {
    return new LatentConstraintContract(constraint, frames, channels, height, width);
  }

  @Override
  public void check() {
    requireDescription(constraint::name, constraint::config);
    checkRuns();
    leavesNothingBehindWithoutAScope();
  }

  /** Before each step, and after the last. */
  @Override
  int calls() {
    return STEPS + 1;
  }

  @Override
  Run start(Arguments arguments) {
    LatentConstraintRun run = requireResult("newRun", constraint.newRun());
    SamplingPlan plan = EulerDiscreteScheduler.builder().build().plan(PlanRequest.ofSteps(STEPS));
    DrawsOfVideos noise = new DrawsOfVideos(arguments.seeds());
    return new Run() {
      @Override
      public Tensor call(int index) {
        Tensor latents = arguments.gaussian(shape);
        Tensor result =
            checked(
                "constrain", run.constrain(latents, index, plan, noise), arguments.ofAll(shape));
        return result == latents ? new Tensor(latents) : result;
      }

      @Override
      public void close() {
        noise.close();
        plan.close();
        run.close();
      }
    };
  }
}
