package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkState;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The stochastic sampler "DPM++ SDE" of k-diffusion, after Lu et al., "DPM-Solver++". The
 * reference's {@code DPMSolverSDEScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 * Noise comes from a Brownian motion with a seed of its own: {@code noise_sampler_seed}, or without
 * it one that is drawn from the generation's noise. (The reference draws it from torch's global
 * generator, so that only runs with {@code noise_sampler_seed} can be repeated there.)
 */
public final class DpmSolverSdeScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DPMSolverSDEScheduler";

  private static final Option<Optional<Integer>> SEED =
      Option.whole("noise_sampler_seed", 0, Integer.MAX_VALUE).orNull();

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.LATENT_NOISE_SCHEDULE)
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .with(SEED, Optional.empty())
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private DpmSolverSdeScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static DpmSolverSdeScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<DpmSolverSdeScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, DpmSolverSdeScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<DpmSolverSdeScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    SigmaLevels levels =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.DPM_SOLVER_SDE);
    return new Plan(levels, levels.withMidpoints(schedule, middles(levels.levels)));
  }

  private static float[] middles(float[] levels) {
    float[] middles = new float[levels.length - 2];
    for (int i = 0; i < middles.length; i++) {
      float start = -log(levels[i]);
      middles[i] = exp(-(start + (-log(levels[i + 1]) - start) * 0.5f));
    }
    return middles;
  }

  private static float log(float x) {
    return (float) Math.log(x);
  }

  private static float exp(float x) {
    return (float) Math.exp(x);
  }

  private final class Plan extends SigmaPlan {
    private final TensorHistory start = new TensorHistory(1);
    private final SigmaLevels run;
    private @Nullable BrownianTree tree;

    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(evaluations.timesteps, evaluations.levels, run.initialNoiseScale(options()));
      this.run = run;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      int step = index / 2;
      float from = run.levels[step];
      Blend clean = prediction.cleanAt(level(index));
      if (step == run.steps() - 1) {
        return Blend.LATENTS
            .plus(slope(prediction, from).times(-from))
            .of(latents, modelOutput)
            .tensor();
      }
      if (index % 2 == 0) {
        start.push(Sum.of(1, latents).tensor());
      }
      checkState(start.size() > 0, "a run of this scheduler cannot begin at timestep %s", index);
      float to = index % 2 == 0 ? level(index + 1) : run.levels[step + 1];
      // through the logarithm and back, as in the reference: the Brownian motion is asked for at
      // these times, where a last bit makes a difference
      float early = exp(log(from));
      float late = index % 2 == 0 ? to : exp(log(to));
      float up = Math.min(late, up(early, late));
      float down = down(late, up);
      float ofClean = -(float) Math.expm1(-log(from) + log(down));
      Sum next =
          clean.times(ofClean).of(latents, modelOutput).plus(exp(log(down)) / early, start.get(0));
      return next.plus(up, tree(latents, noise).noise(latents, early, late)).tensor();
    }

    private BrownianTree tree(Tensor latents, Noise noise) {
      BrownianTree known = tree;
      if (known == null) {
        float low = run.levels[run.steps() - 1];
        known = new BrownianTree(seed(latents, noise), low, run.levels[0]);
        tree = known;
      }
      return known;
    }

    /** The one place where a number comes back from the device, once in a run. */
    private long seed(Tensor latents, Noise noise) {
      Optional<Integer> configured = options().get(SEED);
      if (configured.isPresent()) {
        return configured.get();
      }
      Tensor one = latents.flatten().narrow(0, 0, 1);
      try (Tensor drawn = noise.gaussianLike(one)) {
        return Float.floatToIntBits(drawn.to(torch.ScalarType.Float).item_float())
            & Integer.MAX_VALUE;
      }
    }

    @Override
    public void close() {
      start.close();
      super.close();
    }
  }
}
