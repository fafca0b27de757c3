package io.t2v.contract;

import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * What the pipeline relies on, checked for any guidance:
 *
 * <pre>{@code
 * GuidanceContract.of(new MyGuidance()).check();
 * }</pre>
 *
 * <p>It always guides the same steps; a prediction is a new tensor of the right shape and dtype,
 * and depends on its arguments alone, which stay as they are; runs, threads and the videos of a
 * batch do not disturb each other; no native object is left behind. Immutable.
 */
public final class GuidanceContract extends TensorContract {
  private static final int STEPS = 5;
  private static final long[] SHAPE = {1, 4, 2, 4, 4};

  private final Guidance guidance;

  private GuidanceContract(Guidance guidance) {
    super(guidance.name(), "videos");
    this.guidance = guidance;
  }

  /**
   * Takes a guidance.
   *
   * @param guidance to be checked, with settings that apply to some of five steps
   * @return the contract
   */
  public static GuidanceContract of(Guidance guidance) {
    return new GuidanceContract(guidance);
  }

  @Override
  public void check() {
    requireDescription(guidance::name, guidance::config);
    requireConstant("appliesTo", this::guidedSteps);
    require(calls() > 0, "applies to no step of %s", STEPS);
    checkRuns();
    leavesNothingBehindWithoutAScope();
  }

  private List<GuidanceStep> guidedSteps() {
    return IntStream.range(0, STEPS)
        .mapToObj(i -> new GuidanceStep(i, STEPS, 1000.0 * (STEPS - i) / STEPS - 1))
        .filter(guidance::appliesTo)
        .toList();
  }

  @Override
  int calls() {
    return guidedSteps().size();
  }

  @Override
  Run start(Arguments arguments) {
    List<GuidanceStep> steps = guidedSteps();
    GuidanceRun run = requireResult("newRun", guidance.newRun());
    return new Run() {
      @Override
      public Tensor call(int index) {
        Tensor negative = arguments.gaussian(SHAPE);
        Tensor positive = arguments.gaussian(SHAPE);
        return checked(
            "combine",
            run.combine(negative, positive, steps.get(index)),
            arguments.ofAll(SHAPE),
            negative,
            positive);
      }

      @Override
      public void close() {
        run.close();
      }
    };
  }
}
