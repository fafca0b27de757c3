package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkState;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Heun's method: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
 * Models", algorithm 1. The reference's {@code HeunDiscreteScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 * Takes custom timesteps.
 */
public final class HeunDiscreteScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<HeunDiscreteScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "HeunDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.LATENT_NOISE_SCHEDULE
          .withLevelRules()
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
          .withSpacing(TimestepSpacing.LINSPACE);

  private HeunDiscreteScheduler(OptionValues options) {
    super(NAME, options, HeunDiscreteScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static HeunDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<HeunDiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, HeunDiscreteScheduler::new);
  }

  @Override
  boolean takesTimesteps() {
    return true;
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    SigmaLevels levels =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION);
    return new Plan(levels, levels.interleaved());
  }

  private final class Plan extends SigmaPlan {
    private final TensorHistory halfway = history("halfway", 1);
    private final float end;
    private final int evaluations;

    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(evaluations, run.initialNoiseScale(options()));
      this.end = run.levels[run.steps()];
      this.evaluations = evaluations.steps();
    }

    @Override
    public int startIndex(int skippedSteps) {
      return 2 * skippedSteps;
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
      halfway.push(LinearCombination.of(latents).plus(0.5, slope).tensor());
      return LinearCombination.of(latents).plus(1, slope).tensor();
    }

    private LinearCombination slopeTimes(
        float width, float level, Tensor modelOutput, Tensor latents) {
      if (clipping == SampleClipping.NONE) {
        return slope(prediction, modelOutput, latents, level).times(width);
      }
      Tensor x0 = clipping.apply(prediction.predX0(modelOutput, latents, level).tensor());
      return LinearCombination.of(width / level, latents).plus(-width / level, x0);
    }
  }
}
