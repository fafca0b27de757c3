package io.t2v.scheduler.contract;

import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.PredictionType;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntUnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline relies on, checked for any scheduler. Run it from a test of your own, with any
 * test framework:
 *
 * <pre>{@code
 * SchedulerContract.of(new MyScheduler()).check();
 * SchedulerContract.of(twoEvaluations).evaluations(steps -> 2 * steps - 1).check();
 * }</pre>
 *
 * <p>A broken rule is an {@link AssertionError} that names the scheduler and the rule. Immutable.
 */
public final class SchedulerContract {
  private static final long[] SHAPE = {4, 4, 3, 5};
  private static final int THREADS = 3;
  private static final int VIDEO_STEPS = 6;

  private final Scheduler scheduler;
  private final PlanRequest request;
  private final IntUnaryOperator evaluations;
  private final Oracle oracle;
  private final double tolerance;

  private SchedulerContract(
      Scheduler scheduler,
      PlanRequest request,
      IntUnaryOperator evaluations,
      Oracle oracle,
      double tolerance) {
    this.scheduler = scheduler;
    this.request = request;
    this.evaluations = evaluations;
    this.oracle = oracle;
    this.tolerance = tolerance;
  }

  /**
   * Starts with runs of 10 steps of a model that predicts the noise.
   *
   * @param scheduler to be checked
   * @return the contract
   */
  public static SchedulerContract of(Scheduler scheduler) {
    return new SchedulerContract(
        scheduler,
        PlanRequest.ofSteps(10),
        IntUnaryOperator.identity(),
        Oracle.of(PredictionType.EPSILON),
        1e-3);
  }

  /**
   * Sets which runs are made.
   *
   * @param request steps, and settings of a run
   * @return the contract with these runs
   */
  public SchedulerContract request(PlanRequest request) {
    return new SchedulerContract(scheduler, request, evaluations, oracle, tolerance);
  }

  /**
   * Sets how often the denoiser is asked in a run. Default: once a step.
   *
   * @param evaluations number of timesteps for a number of steps
   * @return the contract with this number
   */
  public SchedulerContract evaluations(IntUnaryOperator evaluations) {
    return new SchedulerContract(scheduler, request, evaluations, oracle, tolerance);
  }

  /**
   * Sets what the scheduler expects of the model. Default: the noise.
   *
   * @param oracle a perfect model for it
   * @return the contract with this model
   */
  public SchedulerContract oracle(Oracle oracle) {
    return new SchedulerContract(scheduler, request, evaluations, oracle, tolerance);
  }

  /**
   * Sets how far the end of a run with a perfect model may be from the clean sample, whose values
   * are between -1 and 1. Default 0.001; more for a scheduler that ends at a noise level above 0.
   *
   * @param tolerance largest difference of a value
   * @return the contract with this tolerance
   */
  public SchedulerContract tolerance(double tolerance) {
    return new SchedulerContract(scheduler, request, evaluations, oracle, tolerance);
  }

  /**
   * Checks every rule.
   *
   * @throws AssertionError if one is broken
   */
  public void check() {
    describesItself();
    returnsLatents();
    visitsTheRightNumberOfTimesteps();
    visitsFallingTimesteps();
    repeatsItselfForASeed();
    runsAreIndependent();
    threadsAreIndependent();
    videosAreIndependent();
    leavesItsArgumentsAlone();
    leavesNoNativeObjectBehind();
    recoversWhatAnOracleKnows();
  }

  /** It has a name, a configuration and a number of trained timesteps. */
  public void describesItself() {
    require(!scheduler.name().isBlank(), "has a blank name");
    require(scheduler.config().equals(scheduler.config()), "changes its configuration");
    require(scheduler.trainTimesteps() >= 1, "was trained on less than one timestep");
  }

  /** Every result is a new tensor of the shape and dtype of the latents. */
  public void returnsLatents() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(4);
        SamplingPlan plan = newPlan(request)) {
      Tensor latents = draws.gaussian(SHAPE);
      Tensor output = draws.gaussian(SHAPE);
      checkResult("addNoise", plan.addNoise(latents, output, 0), latents);
      for (int i = 0; i < plan.timesteps().length; i++) {
        checkResult("scaleModelInput", plan.scaleModelInput(latents, i), latents);
        checkResult("step", plan.step(output, i, latents, draws), latents);
      }
    }
  }

  private void checkResult(String method, @Nullable Tensor result, Tensor latents) {
    if (result == null) {
      throw new AssertionError(scheduler.name() + " returns null from " + method);
    }
    require(
        Arrays.equals(result.shape(), latents.shape())
            && result.scalar_type().intern() == latents.scalar_type().intern(),
        "returns the shape "
            + Arrays.toString(result.shape())
            + " and dtype "
            + result.scalar_type().intern()
            + " from "
            + method
            + ", expected "
            + Arrays.toString(latents.shape())
            + " and "
            + latents.scalar_type().intern());
    require(result != latents, "returns its argument from " + method + ", expected a new tensor");
  }

  private SamplingPlan newPlan(PlanRequest one) {
    @Nullable SamplingPlan plan = scheduler.plan(one);
    if (plan == null) {
      throw new AssertionError(scheduler.name() + " makes a plan that is null");
    }
    return plan;
  }

  /** A plan has as many timesteps as the scheduler says it asks the denoiser. */
  public void visitsTheRightNumberOfTimesteps() {
    List<PlanRequest> requests = new ArrayList<>();
    requests.add(request);
    if (request.timesteps().isEmpty() && request.sigmas().isEmpty()) {
      for (int steps : new int[] {4, 7, 50}) {
        requests.add(new PlanRequest(steps, request.eta()));
      }
    }
    for (PlanRequest one : requests) {
      try (SamplingPlan plan = newPlan(one)) {
        int expected = evaluations.applyAsInt(one.steps());
        int found = plan.timesteps().length;
        require(
            found == expected,
            "plans " + found + " timesteps for " + one + ", expected " + expected);
      }
    }
  }

  /** Timesteps fall, and are a copy; the noise at the start has a scale. */
  public void visitsFallingTimesteps() {
    try (SamplingPlan plan = newPlan(request)) {
      double[] timesteps = plan.timesteps();
      for (int i = 1; i < timesteps.length; i++) {
        // less than one up: what is evaluated inside a step is not rounded as its ends are
        require(
            timesteps[i] < timesteps[i - 1] + 1,
            "has timesteps that rise: " + Arrays.toString(timesteps));
      }
      timesteps[0] = -1;
      require(plan.timesteps()[0] != -1, "hands out its own array of timesteps, not a copy");
      double scale = plan.initialNoiseScale();
      require(scale > 0 && Double.isFinite(scale), "scales the noise at the start by " + scale);
    }
  }

  /** The same random numbers give the same latents, bit for bit, and others give others. */
  public void repeatsItselfForASeed() {
    require(Arrays.equals(run(7), run(7)), "gives other latents for the same seed");
    require(!Arrays.equals(run(8), run(7)), "gives the same latents for another seed");
  }

  /** Runs that are made in turn, on one thread, are what each is alone. */
  public void runsAreIndependent() {
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
      other.finish();
      late.finish();
      require(
          Arrays.equals(one.result(), alone) && Arrays.equals(late.result(), alone),
          "mixes up runs that are made in turn");
    }
  }

  /** Runs that are made at the same time, by several threads, are what each is alone. */
  public void threadsAreIndependent() {
    List<CompletableFuture<float[]>> together = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      long seed = i;
      together.add(CompletableFuture.supplyAsync(() -> run(seed)));
    }
    for (int i = 0; i < THREADS; i++) {
      require(
          Arrays.equals(together.get(i).join(), run(i)),
          "mixes up runs that several threads make at the same time");
    }
  }

  /** A video comes out in a batch as it does alone. */
  public void videosAreIndependent() {
    float[] together = videos(11, 12);
    float[] alone = videos(11);
    for (int i = 0; i < alone.length; i++) {
      require(
          Math.abs(together[i] - alone[i]) <= 1e-4 * Math.max(1, Math.abs(alone[i])),
          "mixes up the videos of a batch: the first one differs from what it is alone");
    }
  }

  /** Latents of videos of two frames after some steps, each with random numbers of its own. */
  private float[] videos(long... seeds) {
    long[] shape = SHAPE.clone();
    shape[0] = 2L * seeds.length;
    try (PointerScope scope = new PointerScope();
        DrawsOfVideos outputs = new DrawsOfVideos(seeds);
        DrawsOfVideos noise = new DrawsOfVideos(LongStream.of(seeds).map(s -> s + 50).toArray());
        SamplingPlan plan = newPlan(request)) {
      Tensor like = torch.zeros(shape);
      Tensor latents = outputs.randnLike(like).mul(new Scalar(plan.initialNoiseScale()));
      for (int i = 0; i < Math.min(VIDEO_STEPS, plan.timesteps().length); i++) {
        latents = plan.step(outputs.randnLike(like), i, latents, noise);
      }
      return Draws.floats(latents);
    }
  }

  /** Latents and model outputs that are handed in stay as they are. */
  public void leavesItsArgumentsAlone() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(3);
        SamplingPlan plan = newPlan(request)) {
      Tensor latents = draws.gaussian(SHAPE);
      Tensor output = draws.gaussian(SHAPE);
      float[] latentsBefore = Draws.floats(latents);
      float[] outputBefore = Draws.floats(output);
      plan.scaleModelInput(latents, 0).close();
      plan.addNoise(latents, output, 0).close();
      for (int i = 0; i < plan.timesteps().length; i++) {
        plan.step(output, i, latents, draws).close();
        require(
            Arrays.equals(Draws.floats(latents), latentsBefore)
                && Arrays.equals(Draws.floats(output), outputBefore),
            "changes the latents or the model's output that it is given in step " + i);
      }
    }
  }

  /** Runs, broken off or not, within scopes or without, free what they made. */
  public void leavesNoNativeObjectBehind() {
    run(1);
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      run(i);
      halfARun();
    }
    require(Pointer.totalCount() <= before, "leaves native objects behind");
    withoutAScope();
    require(
        Pointer.totalCount() <= before,
        "leaves native objects behind where the caller has no scope but closes what it gets");
  }

  /** With a model that knows the clean sample, a run ends with it. */
  public void recoversWhatAnOracleKnows() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(5);
        SamplingPlan plan = newPlan(request)) {
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
      float[] found = Draws.floats(latents);
      float[] expected = Draws.floats(clean);
      double worst = 0;
      for (int i = 0; i < found.length; i++) {
        worst = Math.max(worst, Math.abs(found[i] - expected[i]));
        worst = Float.isNaN(found[i]) ? Double.POSITIVE_INFINITY : worst;
      }
      require(
          worst <= tolerance,
          "ends "
              + worst
              + " from the clean sample that the model knows, expected at most "
              + tolerance);
    }
  }

  private void require(boolean kept, String problem) {
    if (!kept) {
      throw new AssertionError(scheduler.name() + " " + problem);
    }
  }

  private float[] run(long seed) {
    try (PointerScope scope = new PointerScope();
        Run run = new Run(seed)) {
      run.finish();
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
    try (SamplingPlan plan = newPlan(request)) {
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
      plan = newPlan(request);
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

    void finish() {
      while (!done()) {
        step();
      }
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
