package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all built-in schedulers share: a name and checked options.
 *
 * @param <B> the scheduler's builder
 */
abstract class ConfiguredScheduler<B extends SchedulerBuilder<?, B>> implements Scheduler {
  private final String name;
  private final OptionValues options;
  private final Supplier<B> builder;

  ConfiguredScheduler(String name, OptionValues options, Supplier<B> builder) {
    this.name = name;
    this.options = options;
    this.builder = builder;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Map<String, Object> config() {
    return options.toConfig();
  }

  @Override
  public final int trainTimesteps() {
    return options.get(Options.NUM_TRAIN_TIMESTEPS);
  }

  /**
   * Starts with the options of this scheduler, each of which can be set anew.
   *
   * @return a builder
   */
  public final B toBuilder() {
    return builder.get().startingFrom(options);
  }

  @Override
  public final SamplingPlan plan(PlanRequest request) {
    checkArgument(
        request.steps() <= trainTimesteps(),
        "steps is %s, but the model was trained on %s timesteps: ask for at most %s steps",
        request.steps(),
        trainTimesteps(),
        trainTimesteps());
    checkArgument(
        takesTimesteps() || request.timesteps().isEmpty(),
        "timesteps is %s, but %s chooses its own: give a number of steps",
        request.timesteps(),
        name);
    checkArgument(
        takesSigmas() || request.sigmas().isEmpty(),
        "sigmas is %s, but %s chooses its own: give a number of steps",
        request.sigmas(),
        name);
    TensorPlan plan = newPlan(request);
    plan.setPrediction(options.getOr(Options.PREDICTION_TYPE, PredictionType.EPSILON));
    return plan;
  }

  /** Whether a run may visit timesteps of the caller's choice. */
  boolean takesTimesteps() {
    return false;
  }

  /** Whether a run may visit noise levels of the caller's choice. */
  boolean takesSigmas() {
    return false;
  }

  /**
   * Plans a run.
   *
   * @param request with no more steps than trained timesteps, and with nothing that this scheduler
   *     does not take
   * @return the plan
   */
  abstract TensorPlan newPlan(PlanRequest request);

  final OptionValues options() {
    return options;
  }

  /** Two schedulers are equal if they are of the same class and have the same options. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof ConfiguredScheduler<?> scheduler
        && scheduler.getClass() == getClass()
        && scheduler.options.equals(options);
  }

  @Override
  public final int hashCode() {
    return options.hashCode();
  }

  @Override
  public final String toString() {
    return name + config();
  }
}
