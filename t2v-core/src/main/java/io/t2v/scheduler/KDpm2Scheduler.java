package io.t2v.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The midpoint method in the logarithm of the noise level, after DPM-Solver-2, as in k-diffusion,
 * with or without ancestral noise.
 *
 * @param <S> the scheduler
 */
abstract class KDpm2Scheduler<S extends Scheduler>
    extends DiscreteScheduler<StandardSchedulerBuilder<S>> {
  static final OptionTable OPTIONS =
      Options.LATENT_NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .withSpacing(TimestepSpacing.LINSPACE);

  KDpm2Scheduler(String name, OptionValues options, Supplier<StandardSchedulerBuilder<S>> builder) {
    super(name, options, builder);
  }

  /** The standard deviation of the noise that a step adds; 0 for none. */
  abstract float noiseScale(float from, float to);

  /** The level to which a step goes before it adds noise. */
  abstract float target(float to, float noiseScale);

  /** The level inside a step. */
  abstract float middle(float from, float target);

  @Override
  final TensorPlan newPlan(PlanRequest request) {
    SigmaLevels run =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION)
            .withWholeKarrasTimesteps(options());
    float[] middles = new float[run.steps() - 1];
    for (int i = 0; i < middles.length; i++) {
      float from = run.levels[i];
      float to = run.levels[i + 1];
      middles[i] = middle(from, target(to, noiseScale(from, to)));
    }
    return new Plan(run, run.withMidpoints(schedule, middles));
  }

  private final class Plan extends MidpointPlan {
    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(run, evaluations, run.initialNoiseScale(options()));
    }

    @Override
    PredictionType prediction() {
      return prediction;
    }

    @Override
    Tensor toMiddle(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float level = level(index);
      return LinearCombination.of(latents)
          .plus(slope(prediction, modelOutput, latents, level).times(level(index + 1) - level))
          .tensor();
    }

    @Override
    Tensor toNext(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float noiseScale = noiseScale(from(index), to(index));
      float width = target(to(index), noiseScale) - from(index);
      LinearCombination next =
          slope(prediction, modelOutput, latents, level(index)).times(width).plus(1, start());
      return noiseScale == 0 ? next.tensor() : withNoise(next, noiseScale, noise, modelOutput);
    }
  }
}
