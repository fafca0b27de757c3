package io.t2v.scheduler;

import java.util.List;
import java.util.function.Supplier;

/**
 * A scheduler for models that were trained at discrete timesteps, on a schedule of betas: all but
 * EDM's.
 *
 * @param <B> the scheduler's builder
 */
abstract class DiscreteScheduler<B extends SchedulerBuilder<?, B>> extends ConfiguredScheduler<B> {
  final NoiseSchedule schedule;
  final PredictionType prediction;
  final SampleClipping clipping;

  DiscreteScheduler(String name, OptionValues options, Supplier<B> builder) {
    this(name, options, builder, NoiseSchedule.of(options));
  }

  DiscreteScheduler(
      String name, OptionValues options, Supplier<B> builder, NoiseSchedule schedule) {
    super(name, options, builder);
    this.schedule = schedule;
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.clipping = SampleClipping.of(options);
  }

  @Override
  public final List<Double> alignedTimesteps(int steps) {
    return takesTimesteps() ? AlignYourSteps.timesteps(schedule, steps) : List.of();
  }

  /** The trained timesteps that a run visits: those asked for, or those of the spacing. */
  final double[] timesteps(PlanRequest request) {
    return request.timesteps().isEmpty()
        ? Timesteps.spaced(
            options().get(Options.TIMESTEP_SPACING),
            request.steps(),
            trainTimesteps(),
            options().get(Options.STEPS_OFFSET))
        : Timesteps.custom(request.timesteps(), trainTimesteps());
  }
}
