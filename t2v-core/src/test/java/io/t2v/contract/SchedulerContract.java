package io.t2v.contract;

import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.PredictionType;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the pipeline relies on, checked for any scheduler:
 *
 * <pre>{@code
 * SchedulerContract.of(new MyScheduler()).check();
 * SchedulerContract.of(twoEvaluations).evaluations(steps -> 2 * steps - 1).check();
 * }</pre>
 *
 * <p>Plans visit as many timesteps as they should, falling; results are new tensors of the right
 * shape and dtype, and depend on arguments and seed alone, and arguments stay as they are; runs,
 * threads and the videos of a batch do not disturb each other; no native object is left behind;
 * with a model that knows the clean sample, a run ends with it; plans that are {@link Stateful} go
 * on from a saved state. Immutable.
 */
public final class SchedulerContract extends TensorContract {
  /** Of a video with two frames. */
  private static final long[] SHAPE = {2, 4, 3, 5};

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
    super(scheduler.name(), "videos");
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

  @Override
  public void check() {
    requireDescription(scheduler::name, scheduler::config);
    int trained = requireConstant("trainTimesteps", scheduler::trainTimesteps);
    require(trained >= 1, "was trained on %s timesteps", trained);
    visitsTheRightNumberOfTimesteps();
    visitsFallingTimesteps();
    checkRuns();
    require(!same(run(8), run(7)), "gives the same latents for another seed");
    leavesNothingBehindWithoutAScope();
    recoversWhatAnOracleKnows();
    goesOnFromItsState();
  }

  private SamplingPlan newPlan(PlanRequest one) {
    return requireResult("plan", scheduler.plan(one));
  }

  private void visitsTheRightNumberOfTimesteps() {
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
        require(found == expected, "plans %s timesteps for %s, expected %s", found, one, expected);
      }
    }
  }

  private void visitsFallingTimesteps() {
    try (SamplingPlan plan = newPlan(request)) {
      double[] timesteps = plan.timesteps();
      for (int i = 1; i < timesteps.length; i++) {
        // less than one up: what is evaluated inside a step is not rounded as its ends are
        require(
            timesteps[i] < timesteps[i - 1] + 1,
            "has timesteps that rise: %s",
            Arrays.toString(timesteps));
      }
      timesteps[0] = -1;
      require(plan.timesteps()[0] != -1, "hands out its own array of timesteps, not a copy");
      double scale = plan.initialNoiseScale();
      require(scale > 0 && Double.isFinite(scale), "scales the noise at the start by %s", scale);
    }
  }

  @Override
  int calls() {
    return evaluations.applyAsInt(request.steps());
  }

  @Override
  Run start(Arguments arguments) {
    return new Steps(newPlan(request), arguments);
  }

  /** A run with a model that predicts anything. */
  private final class Steps implements Run {
    private final SamplingPlan plan;
    private final Arguments arguments;
    private final DrawsOfVideos noise;
    private Tensor latents;

    Steps(SamplingPlan plan, Arguments arguments) {
      this.plan = plan;
      this.arguments = arguments;
      noise = new DrawsOfVideos(LongStream.of(arguments.seeds()).map(s -> s + 100).toArray());
      latents = arguments.gaussian(SHAPE);
    }

    @Override
    public Tensor call(int index) {
      long[] shape = arguments.ofAll(SHAPE);
      Tensor before = arguments.given(latents);
      Tensor output = arguments.gaussian(SHAPE);
      checked("addNoise", plan.addNoise(before, output, index), shape, before, output).close();
      checked("scaleModelInput", plan.scaleModelInput(before, index), shape, before).close();
      checked("predictX0", plan.predictX0(output, index, before), shape, before, output).close();
      latents = checked("step", plan.step(output, index, before, noise), shape, before, output);
      return latents;
    }

    @Override
    public void close() {
      plan.close();
      noise.close();
    }
  }

  /** With a model that knows the clean sample, a run ends with it. */
  private void recoversWhatAnOracleKnows() {
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
          "ends %s from the clean sample that the model knows, expected at most %s",
          worst,
          tolerance);
    }
  }

  /** A plan that says what it remembers goes on as the one that remembered it. */
  private void goesOnFromItsState() {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(6);
        SamplingPlan whole = newPlan(request);
        SamplingPlan rest = newPlan(request)) {
      if (!(whole instanceof Stateful saved) || !(rest instanceof Stateful loaded)) {
        return;
      }
      int steps = whole.timesteps().length;
      int half = steps / 2;
      Tensor latents = draws.gaussian(SHAPE);
      Tensor resumed = latents;
      for (int i = 0; i < steps; i++) {
        if (i == half) {
          loaded.loadStateDict(saved.stateDict());
          resumed = latents;
        }
        Tensor output = draws.gaussian(SHAPE);
        try (Draws noise = new Draws(i);
            Draws again = new Draws(i)) {
          resumed = i < half ? latents : rest.step(output, i, resumed, again);
          latents = whole.step(output, i, latents, noise);
        }
      }
      require(
          Arrays.equals(Draws.floats(latents), Draws.floats(resumed)),
          "ends elsewhere when another plan goes on from its state after step %s",
          half);
    }
  }

  /** The plan itself tells how much of what is in the latents. */
  private static double share(SamplingPlan plan, int index, Tensor clean, Tensor noise) {
    return Draws.floats(plan.addNoise(clean, noise, index))[0];
  }
}
