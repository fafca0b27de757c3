package io.t2v.scheduler;

import java.util.List;
import java.util.function.Supplier;

/**
 * A scheduler for models and adapters that were distilled to need few steps. It visits timesteps of
 * the schedule with which the model was distilled, {@code original_inference_steps} of them.
 *
 * @param <S> the scheduler
 */
abstract class DistilledScheduler<S extends Scheduler>
    extends DiscreteScheduler<StandardSchedulerBuilder<S>> {
  static final OptionTable OPTIONS =
      Options.LATENT_NOISE_SCHEDULE
          .with(Options.BETA_SCHEDULE, BetaSchedule.SCALED_LINEAR)
          .with(Options.ORIGINAL_INFERENCE_STEPS, 50)
          .with(Options.CLIP_SAMPLE, false)
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .with(Options.SET_ALPHA_TO_ONE, true)
          .withThresholding()
          .withSpacing(TimestepSpacing.LEADING)
          .with(Options.TIMESTEP_SCALING, 10.0)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  DistilledScheduler(
      String name, OptionValues options, Supplier<StandardSchedulerBuilder<S>> builder) {
    super(name, options, builder);
  }

  static void check(OptionValues options, List<String> problems) {
    int original = options.get(Options.ORIGINAL_INFERENCE_STEPS);
    int trained = options.get(Options.NUM_TRAIN_TIMESTEPS);
    if (original > trained) {
      problems.add(
          "original_inference_steps is " + original + ", but num_train_timesteps is " + trained);
    }
  }

  @Override
  final boolean takesTimesteps() {
    return true;
  }

  @Override
  final TensorPlan newPlan(PlanRequest request) {
    double[] timesteps =
        request.timesteps().isEmpty()
            ? timesteps(request.steps(), options().get(Options.ORIGINAL_INFERENCE_STEPS))
            : Timesteps.custom(request.timesteps(), trainTimesteps());
    schedule.checkSignal((int) timesteps[0], prediction);
    return newPlan(timesteps, request.eta());
  }

  /** original: how many steps the model was distilled with. */
  double[] timesteps(int steps, int original) {
    return Timesteps.distilled(steps, original, trainTimesteps());
  }

  abstract TensorPlan newPlan(double[] timesteps, double eta);
}
