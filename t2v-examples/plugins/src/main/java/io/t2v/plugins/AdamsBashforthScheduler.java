package io.t2v.plugins;

import io.t2v.scheduler.Noise;
import io.t2v.scheduler.NoiseSchedule;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.PredictionType;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Stateful;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adams and Bashforth's method with constant weights, on the slope dx/dσ of the latents x = clean +
 * σ · noise: the iPNDM of Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential
 * Integrator" (ICLR 2023), in the noise level σ and on the levels of Karras et al., "Elucidating
 * the Design Space of Diffusion-Based Generative Models".
 *
 * <p>Asks the model once a step and remembers up to three earlier slopes. The weights are those for
 * equal steps; as the steps in σ change slowly, the method is of second order whatever the number
 * of slopes, with an error that more slopes make smaller.
 */
public final class AdamsBashforthScheduler implements Scheduler {
  /** The name by which it is known. */
  public static final String NAME = "AdamsBashforthScheduler";

  private static final String ORDER = "order";

  /** Options of others that have an effect here. */
  private static final Set<String> SHARED =
      Set.of(
          "num_train_timesteps",
          "beta_schedule",
          "beta_start",
          "beta_end",
          "trained_betas",
          "prediction_type");

  /** For one slope, two, three and four; the newest slope first. */
  private static final double[][] WEIGHTS = {
    {1},
    {3 / 2.0, -1 / 2.0},
    {23 / 12.0, -16 / 12.0, 5 / 12.0},
    {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}
  };

  private final Map<String, Object> config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final int order;

  private AdamsBashforthScheduler(
      Map<String, Object> config, NoiseSchedule schedule, PredictionType prediction, int order) {
    this.config = config;
    this.schedule = schedule;
    this.prediction = prediction;
    this.order = order;
  }

  /**
   * Makes the scheduler on the noise schedule of a configuration.
   *
   * @param options of this or another scheduler; its own one is {@code order}, the number of slopes
   *     from 1 to 4, by default 4
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, or if no scheduler knows it
   */
  public static AdamsBashforthScheduler fromConfig(SchedulerConfig options) {
    options.refuseUnknownOptions(Set.of(ORDER));
    int order = options.integer(ORDER, 1, WEIGHTS.length, WEIGHTS.length);
    Map<String, Object> config = new LinkedHashMap<>();
    options
        .options()
        .forEach(
            (name, value) -> {
              if (value != null && SHARED.contains(name)) {
                config.put(name, value);
              }
            });
    config.put(ORDER, order);
    return new AdamsBashforthScheduler(
        Collections.unmodifiableMap(config),
        NoiseSchedule.fromConfig(options),
        options.predictionType(),
        order);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Object> config() {
    return config;
  }

  @Override
  public int trainTimesteps() {
    return schedule.timesteps();
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    if (!request.timesteps().isEmpty() || !request.sigmas().isEmpty()) {
      throw new IllegalArgumentException(
          NAME + " chooses its own timesteps: give a number of steps");
    }
    int steps = request.steps();
    if (steps > trainTimesteps()) {
      throw new IllegalArgumentException(
          "steps is " + steps + ", expected at most " + trainTimesteps());
    }
    double highest = schedule.sigma(trainTimesteps() - 1);
    if (Double.isInfinite(highest)) {
      throw new IllegalArgumentException(
          NAME
              + " needs a noise schedule that ends with some signal: rescale_betas_zero_snr false");
    }
    double[] levels = karras(highest, schedule.sigma(0), steps);
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = schedule.timestepOf(levels[i]);
    }
    return new Plan(timesteps, levels);
  }

  /** Noise levels as Karras et al. place them (equation 5, ρ = 7), and 0 as the last one. */
  private static double[] karras(double highest, double lowest, int steps) {
    double high = Math.pow(highest, 1 / 7.0);
    double low = Math.pow(lowest, 1 / 7.0);
    double[] levels = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      levels[i] = Math.pow(high + (low - high) * i / Math.max(1, steps - 1), 7);
    }
    return levels;
  }

  /** One run: everything that changes is here. */
  private final class Plan implements SamplingPlan, Stateful {
    private final double[] timesteps;
    private final double[] levels;
    private final Deque<Tensor> slopes = new ArrayDeque<>();

    Plan(double[] timesteps, double[] levels) {
      this.timesteps = timesteps;
      this.levels = levels;
    }

    @Override
    public double[] timesteps() {
      return timesteps.clone();
    }

    @Override
    public double initialNoiseScale() {
      return Math.hypot(levels[0], 1);
    }

    @Override
    public Tensor scaleModelInput(Tensor latents, int index) {
      return inScope(() -> latents.div(new Scalar(Math.hypot(levels[index], 1))));
    }

    @Override
    public Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      return inScope(
          () -> {
            double level = levels[index];
            Tensor clean = prediction.toX0(modelOutput, latents, 1, level);
            remember(latents.sub(clean).div_(new Scalar(level)));
            double[] weights = WEIGHTS[slopes.size() - 1];
            Tensor next = latents.clone();
            int age = 0;
            for (Tensor slope : slopes) {
              next.add_(slope, new Scalar((levels[index + 1] - level) * weights[age++]));
            }
            return next;
          });
    }

    private void remember(Tensor slope) {
      slopes.addFirst(slope.retainReference()); // beyond the scope of the step
      if (slopes.size() > order) {
        slopes.removeLast().close();
      }
    }

    /** With this, a run can be saved after each step. */
    @Override
    public Map<String, Tensor> stateDict() {
      Map<String, Tensor> state = new LinkedHashMap<>();
      for (Tensor slope : slopes) {
        state.put("slope." + state.size(), slope);
      }
      return state;
    }

    @Override
    public void loadStateDict(Map<String, Tensor> state) {
      for (int age = state.size() - 1; age >= 0; age--) {
        Tensor slope = state.get("slope." + age);
        if (slope == null) {
          throw new IllegalArgumentException(
              "the state has " + state.keySet() + ", expected slopes by age");
        }
        remember(slope);
      }
    }

    @Override
    public Tensor addNoise(Tensor clean, Tensor noise, int index) {
      return inScope(() -> clean.add(noise, new Scalar(levels[index])));
    }

    @Override
    public void close() {
      slopes.forEach(Tensor::close);
      slopes.clear();
    }
  }

  /** Frees what the work makes, but for its result, which goes to the enclosing scope or caller. */
  private static Tensor inScope(Supplier<Tensor> work) {
    PointerScope enclosing = PointerScope.getInnerScope();
    try (PointerScope scope = new PointerScope()) {
      Tensor result = work.get();
      if (enclosing == null) {
        result.retainReference();
      } else {
        enclosing.attach(result);
      }
      return result;
    }
  }
}
