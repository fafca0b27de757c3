package io.t2v.scheduler;

import io.t2v.internal.torch.HostTensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The stochastic sampler "DPM++ SDE" of k-diffusion, after Lu et al., "DPM-Solver++". The
 * reference's {@code DPMSolverSDEScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 *
 * <p>Noise comes from a Brownian motion for each video, with a seed of its own: {@code
 * noise_sampler_seed}, or without it a number that is drawn from the generation's noise. (The
 * reference draws it from torch's global generator, so that only runs with {@code
 * noise_sampler_seed} can be repeated there, and draws one motion for a whole batch, so that a
 * video depends on its place in the batch.)
 */
public final class DpmSolverSdeScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<DpmSolverSdeScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DPMSolverSDEScheduler";

  private static final Option<Optional<Integer>> SEED =
      Option.integer("noise_sampler_seed", 0, Integer.MAX_VALUE).orNull();

  private static final OptionTable OPTIONS =
      Options.LATENT_NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .with(SEED, Optional.empty())
          .withSpacing(TimestepSpacing.LINSPACE);

  private DpmSolverSdeScheduler(OptionValues options) {
    super(NAME, options, DpmSolverSdeScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static DpmSolverSdeScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<DpmSolverSdeScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, DpmSolverSdeScheduler::new);
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
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

  private final class Plan extends MidpointPlan {
    /** For each video, from the first draw on. */
    private final TensorHistory seeds = history("seeds", 1);

    /** Made of the seeds. */
    private List<BrownianTree> trees = List.of();

    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(run, evaluations, run.initialNoiseScale(options()));
    }

    @Override
    PredictionType prediction() {
      return prediction;
    }

    @Override
    Tensor toMiddle(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float middle = level(index + 1);
      return between(modelOutput, index, latents, noise, middle);
    }

    @Override
    Tensor toNext(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      return between(modelOutput, index, latents, noise, exp(log(to(index))));
    }

    /**
     * Goes from the start of a step to a later level.
     *
     * @param late the level; that at the end of the step has gone through the logarithm and back,
     *     as in the reference, which takes the increments of the Brownian motion at such levels:
     *     there a last bit makes a difference
     */
    private Tensor between(Tensor modelOutput, int index, Tensor latents, Noise noise, float late) {
      float from = from(index);
      float early = exp(log(from));
      float up = Math.min(late, up(early, late));
      float down = down(late, up);
      float ofX0 = -(float) Math.expm1(-log(from) + log(down));
      return prediction
          .predX0(modelOutput, latents, level(index))
          .times(ofX0)
          .plus(exp(log(down)) / early, start())
          .plus(up, increment(latents, early, late, noise))
          .tensor();
    }

    /** The increments of all videos' Brownian motions, of standard deviation 1. */
    private Tensor increment(Tensor latents, float early, float late, Noise noise) {
      if (seeds.size() == 0) {
        long[] drawn = drawSeeds(latents, noise);
        seeds.push(HostTensors.of(drawn, drawn.length));
      }
      if (trees.isEmpty()) {
        trees =
            LongStream.of(HostTensors.toLongs(seeds.get(0)))
                .mapToObj(seed -> new BrownianTree(seed, lowest(), highest()))
                .toList();
      }
      long frames = latents.size(0) / trees.size();
      TensorVector increments = new TensorVector();
      for (int i = 0; i < trees.size(); i++) {
        Tensor video = latents.narrow(0, i * frames, frames);
        increments.push_back(trees.get(i).noise(video, early, late));
      }
      return torch.cat(increments, 0);
    }

    /** The one place where numbers come back from the device, once in a run. */
    private long[] drawSeeds(Tensor latents, Noise noise) {
      long[] result = new long[noise.videos()];
      Optional<Integer> configured = options().get(SEED);
      if (configured.isPresent()) {
        Arrays.fill(result, configured.get());
        return result;
      }
      Tensor one = latents.flatten().narrow(0, 0, result.length).view(result.length, 1, 1, 1);
      try (Tensor drawn = noise.randnLike(one)) {
        Tensor values = drawn.flatten().to(torch.ScalarType.Float);
        for (int i = 0; i < result.length; i++) {
          int bits = Float.floatToIntBits(values.select(0, i).item_float());
          result[i] = bits & Integer.MAX_VALUE;
        }
      }
      return result;
    }
  }
}
