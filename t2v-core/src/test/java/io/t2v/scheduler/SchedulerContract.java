package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What the pipeline relies on, for any scheduler: run {@link #check} from a test of your own. */
public final class SchedulerContract {
  private static final long[] SHAPE = {4, 4, 3, 5};

  /** A model that knows the clean sample. */
  @FunctionalInterface
  public interface Oracle {
    /**
     * Answers as a perfect model would.
     *
     * @param clean the clean sample that it knows
     * @param latents the latents, unscaled
     * @param signal share of the clean sample in the latents
     * @param spread share of the noise in the latents
     * @return the model's output
     */
    Tensor answer(Tensor clean, Tensor latents, double signal, double spread);

    /**
     * Makes the oracle for a usual prediction.
     *
     * @param prediction what the model predicts
     * @return the oracle
     */
    static Oracle of(PredictionType prediction) {
      return (clean, latents, signal, spread) -> {
        Tensor noise = latents.sub(clean.mul(new Scalar(signal))).div(new Scalar(spread));
        double norm = Math.hypot(signal, spread);
        return switch (prediction) {
          case EPSILON -> noise;
          case SAMPLE -> clean;
          case V_PREDICTION ->
              noise.mul(new Scalar(signal / norm)).sub(clean.mul(new Scalar(spread / norm)));
        };
      };
    }
  }

  private final Scheduler scheduler;
  private final PlanRequest request;
  private final Oracle oracle;
  private final double tolerance;

  private SchedulerContract(
      Scheduler scheduler, PlanRequest request, Oracle oracle, double tolerance) {
    this.scheduler = scheduler;
    this.request = request;
    this.oracle = oracle;
    this.tolerance = tolerance;
  }

  /**
   * Checks everything.
   *
   * @param scheduler the scheduler
   * @param request a run of it
   * @param oracle a perfect model for it
   * @param tolerance how far the end of a run with a perfect model may be from the clean sample:
   *     about nothing, unless the scheduler ends at a noise level above 0
   */
  public static void check(
      Scheduler scheduler, PlanRequest request, Oracle oracle, double tolerance) {
    SchedulerContract contract = new SchedulerContract(scheduler, request, oracle, tolerance);
    contract.describesItself();
    contract.visitsFallingTimesteps();
    contract.repeatsItselfForASeed();
    contract.runsSideBySide();
    contract.leavesItsArgumentsAlone();
    contract.leavesNoNativeObjectBehind();
    contract.recoversWhatAnOracleKnows();
  }

  void describesItself() {
    assertThat(scheduler.name()).isNotBlank();
    assertThat(scheduler.config()).isNotEmpty();
    assertThat(scheduler.trainTimesteps()).isPositive();
  }

  void visitsFallingTimesteps() {
    try (SamplingPlan plan = scheduler.plan(request)) {
      double[] timesteps = plan.timesteps();
      assertThat(timesteps).hasSizeGreaterThanOrEqualTo(request.steps());
      for (int i = 1; i < timesteps.length; i++) {
        // less than one up: what is evaluated inside a step is not rounded as its ends are
        assertThat(timesteps[i]).isLessThan(timesteps[i - 1] + 1);
      }
      timesteps[0] = -1;
      assertThat(plan.timesteps()[0]).as("timesteps() gives a copy").isNotEqualTo(-1);
      assertThat(plan.initialNoiseScale()).isPositive().isFinite();
    }
  }

  void repeatsItselfForASeed() {
    assertThat(run(7)).containsExactly(run(7));
    assertThat(run(8)).isNotEqualTo(run(7));
  }

  void runsSideBySide() {
    float[] alone = run(7);
    try (PointerScope scope = new PointerScope();
        Run one = new Run(7);
        Run other = new Run(9);
        Run late = new Run(7)) {
      one.step();
      while (!one.done()) {
        other.step();
        one.step();
        late.step();
      }
      other.step();
      late.step();
      assertThat(one.result()).containsExactly(alone);
      assertThat(late.result()).containsExactly(alone);
    }
  }

  void leavesItsArgumentsAlone() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(3);
        SamplingPlan plan = scheduler.plan(request)) {
      Tensor latents = draws.gaussian(SHAPE);
      Tensor output = draws.gaussian(SHAPE);
      float[] latentsBefore = Draws.floats(latents);
      float[] outputBefore = Draws.floats(output);
      Tensor scaled = plan.scaleModelInput(latents, 0);
      scaled.close();
      Tensor noised = plan.addNoise(latents, output, 0);
      noised.close();
      for (int i = 0; i < plan.timesteps().length; i++) {
        plan.step(output, i, latents, draws).close();
        assertThat(Draws.floats(latents)).containsExactly(latentsBefore);
        assertThat(Draws.floats(output)).containsExactly(outputBefore);
      }
    }
  }

  void leavesNoNativeObjectBehind() {
    run(1);
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      run(i);
      halfARun();
    }
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    withoutAScope();
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  void recoversWhatAnOracleKnows() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(5);
        SamplingPlan plan = scheduler.plan(request)) {
      Tensor clean = draws.gaussian(SHAPE).tanh_();
      // the start of a real run: noise alone, or clean latents that someone noised
      Tensor latents = plan.addNoise(clean, draws.gaussian(SHAPE), 0);
      for (int i = 0; i < plan.timesteps().length; i++) {
        plan.scaleModelInput(latents, i).close();
        double signal = share(plan, i, torch.ones_like(clean), torch.zeros_like(clean));
        double spread = share(plan, i, torch.zeros_like(clean), torch.ones_like(clean));
        Tensor answer = oracle.answer(clean, latents, signal, spread);
        latents = plan.step(answer, i, latents, draws);
      }
      assertThat(Draws.floats(latents))
          .containsExactly(Draws.floats(clean), within((float) tolerance));
    }
  }

  private float[] run(long seed) {
    try (PointerScope scope = new PointerScope();
        Run run = new Run(seed)) {
      while (!run.done()) {
        run.step();
      }
      return run.result();
    }
  }

  private void halfARun() {
    try (PointerScope scope = new PointerScope();
        Run run = new Run(2)) {
      run.step();
    }
  }

  /** A caller without a scope of his own closes every result. */
  private void withoutAScope() {
    List<Tensor> results = new ArrayList<>();
    Draws draws = new Draws(2);
    Tensor latents = draws.gaussian(SHAPE);
    results.add(latents);
    try (SamplingPlan plan = scheduler.plan(request)) {
      for (int i = 0; i < plan.timesteps().length; i++) {
        results.add(plan.scaleModelInput(latents, i));
        latents = plan.step(latents, i, latents, draws);
        results.add(latents);
      }
      results.add(plan.addNoise(latents, latents, 0));
    }
    results.forEach(Tensor::close);
    draws.close();
  }

  private final class Run implements AutoCloseable {
    private final Draws outputs;
    private final Draws noise;
    private final SamplingPlan plan;
    private Tensor latents;
    private int index;

    Run(long seed) {
      outputs = new Draws(seed);
      noise = new Draws(seed + 100);
      plan = scheduler.plan(request);
      latents = outputs.gaussian(SHAPE).mul(new Scalar(plan.initialNoiseScale()));
    }

    boolean done() {
      return index == plan.timesteps().length;
    }

    void step() {
      plan.scaleModelInput(latents, index).close();
      latents = plan.step(outputs.gaussian(SHAPE), index, latents, noise);
      index++;
    }

    float[] result() {
      return Draws.floats(latents);
    }

    @Override
    public void close() {
      plan.close();
      noise.close();
      outputs.close();
    }
  }

  /** The plan itself tells how much of what is in the latents. */
  private static double share(SamplingPlan plan, int index, Tensor clean, Tensor noise) {
    return Draws.floats(plan.addNoise(clean, noise, index))[0];
  }
}
