package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkState;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Heun's method: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
 * Models", algorithm 1. The reference's {@code HeunDiscreteScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 * Takes timesteps of one's own.
 */
public final class HeunDiscreteScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "HeunDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.LATENT_NOISE_SCHEDULE)
          .with(
              Option.choice(
                  Options.BETA_SCHEDULE.name(),
                  List.of(
                      BetaSchedule.LINEAR,
                      BetaSchedule.SCALED_LINEAR,
                      BetaSchedule.SQUARED_COSINE,
                      BetaSchedule.EXPONENTIAL)),
              BetaSchedule.LINEAR)
          .with(Options.CLIP_SAMPLE, false)
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;

  private HeunDiscreteScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.limit = CleanLimit.of(options);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static HeunDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<HeunDiscreteScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, HeunDiscreteScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<HeunDiscreteScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);

    refuseCustomSigmas(request);
    SigmaLevels levels =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION);
    return new Plan(levels, levels.interleaved());
  }

  private final class Plan extends SigmaPlan {
    private final TensorHistory halfway = new TensorHistory(1);
    private final float end;
    private final int evaluations;

    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(evaluations.timesteps, evaluations.levels, run.initialNoiseScale(options()));
      this.end = run.levels[run.steps()];
      this.evaluations = evaluations.steps();
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float level = level(index);
      boolean atEnd = index % 2 == 1;
      if (atEnd) {
        checkState(
            halfway.size() > 0, "a run of this scheduler cannot begin at timestep %s", index);
        float width = level - level(index - 1);
        return slopeTimes(width / 2, level, modelOutput, latents).plus(1, halfway.get(0)).tensor();
      }
      float width = (index + 1 < evaluations ? level(index + 1) : end) - level;
      Tensor slope = slopeTimes(width, level, modelOutput, latents).tensor();
      halfway.push(Sum.of(1, latents).plus(0.5, slope).tensor());
      return Sum.of(1, latents).plus(1, slope).tensor();
    }

    private Sum slopeTimes(float width, float level, Tensor modelOutput, Tensor latents) {
      if (limit == CleanLimit.NONE) {
        return slope(prediction, level).times(width).of(latents, modelOutput);
      }
      Tensor clean = limit.apply(prediction.cleanAt(level).of(latents, modelOutput).tensor());
      return Sum.of(width / level, latents).plus(-width / level, clean);
    }

    @Override
    public void close() {
      halfway.close();
      super.close();
    }
  }
}
