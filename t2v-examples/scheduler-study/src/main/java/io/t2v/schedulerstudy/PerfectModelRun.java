package io.t2v.schedulerstudy;

import io.t2v.scheduler.EdmEulerScheduler;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Runs of schedulers that predict the noise, with the perfect denoiser of a mixture in place of a
 * network, in double precision. Many numbers are denoised side by side.
 */
public final class PerfectModelRun {
  /** Standard deviation of the data for which {@link EdmEulerScheduler} scales by default. */
  private static final double SIGMA_DATA = 0.5;

  private final GaussianMixture data;
  private final Scheduler scheduler;

  /**
   * Prepares runs.
   *
   * @param data what the model knows
   * @param scheduler which solver
   */
  public PerfectModelRun(GaussianMixture data, Scheduler scheduler) {
    this.data = data;
    this.scheduler = scheduler;
  }

  /**
   * Measures how far a deterministic solver ends from the exact solution.
   *
   * <p>Both start from the same numbers, and are compared at the noise level of the run's last
   * timestep. The step from there to no noise at all is the same for all solvers, and left out.
   *
   * @param steps of the solver, at least 2
   * @param count of numbers
   * @return root of the mean square of the difference
   */
  public double error(int steps, int count) {
    double[] noise = gaussian(new Random(1), count);
    try (PointerScope scope = new PointerScope();
        SamplingPlan plan = scheduler.plan(PlanRequest.ofSteps(steps))) {
      int last = plan.timesteps().length - 1;
      double first = level(plan, 0);
      double[] latents = values(run(plan, noise, last, new Random(2)));
      double signal = share(plan, last, 1, 0);
      double squares = 0;
      for (int i = 0; i < count; i++) {
        double start = noise[i] * plan.initialNoiseScale() / share(plan, 0, 1, 0);
        double exact = data.flow(start, first, level(plan, last));
        double difference = latents[i] / signal - exact;
        squares += difference * difference;
      }
      return Math.sqrt(squares / count);
    }
  }

  /**
   * Counts how often a run asks the model.
   *
   * @param steps of the run
   * @return its number of timesteps
   */
  public int evaluations(int steps) {
    try (SamplingPlan plan = scheduler.plan(PlanRequest.ofSteps(steps))) {
      return plan.timesteps().length;
    }
  }

  /**
   * Draws numbers: whole runs from noise.
   *
   * @param request the steps, and settings
   * @param count of numbers
   * @param seed which ones
   * @return clean numbers
   */
  public double[] samples(PlanRequest request, int count, long seed) {
    Random random = new Random(seed);
    try (PointerScope scope = new PointerScope();
        SamplingPlan plan = scheduler.plan(request)) {
      return values(run(plan, gaussian(random, count), plan.timesteps().length, random));
    }
  }

  /** Within a scope, to which the result belongs. */
  private Tensor run(SamplingPlan plan, double[] noise, int end, Random random) {
    PointerScope run = PointerScope.getInnerScope();
    Tensor latents = tensor(noise).mul(new Scalar(plan.initialNoiseScale()));
    for (int i = 0; i < end; i++) {
      try (PointerScope step = new PointerScope()) {
        Tensor output = answer(plan, i, latents);
        latents =
            plan.step(
                output,
                i,
                latents,
                like -> tensor(gaussian(random, Math.toIntExact(like.numel()))));
        run.attach(latents);
      }
    }
    return latents;
  }

  /** What the network would say. */
  private Tensor answer(SamplingPlan plan, int index, Tensor latents) {
    double signal = share(plan, index, 1, 0);
    double level = level(plan, index);
    double[] answers = values(latents);
    for (int i = 0; i < answers.length; i++) {
      double x = answers[i] / signal;
      double clean = data.clean(x, level);
      answers[i] =
          scheduler instanceof EdmEulerScheduler
              ? preconditioned(x, clean, level)
              : (x - clean) / level;
    }
    return tensor(answers);
  }

  /** The network of Karras et al. predicts the clean number in scaled form. */
  private static double preconditioned(double x, double clean, double level) {
    double variance = level * level + SIGMA_DATA * SIGMA_DATA;
    double skip = SIGMA_DATA * SIGMA_DATA / variance;
    double out = level * SIGMA_DATA / Math.sqrt(variance);
    return (clean - skip * x) / out;
  }

  private static double level(SamplingPlan plan, int index) {
    return share(plan, index, 0, 1) / share(plan, index, 1, 0);
  }

  /** The plan itself tells how much of what is in the latents. */
  private static double share(SamplingPlan plan, int index, double clean, double noise) {
    try (PointerScope scope = new PointerScope()) {
      return values(
          plan.addNoise(tensor(new double[] {clean}), tensor(new double[] {noise}), index))[0];
    }
  }

  private static double[] gaussian(Random random, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  /** In the shape of latents, [numbers, 1, 1, 1]. */
  private static Tensor tensor(double[] values) {
    Tensor tensor =
        torch.empty(
            new long[] {values.length, 1, 1, 1},
            new TensorOptions(ScalarType.Double),
            new MemoryFormatOptional());
    tensor.data_ptr_double().put(values);
    return tensor;
  }

  private static double[] values(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      double[] values = new double[Math.toIntExact(tensor.numel())];
      tensor.contiguous().data_ptr_double().get(values);
      return values;
    }
  }
}
