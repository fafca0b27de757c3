package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;

/**
 * PNDM: Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds". The reference's
 * {@code PNDMScheduler}.
 *
 * <p>Starts with three Runge-Kutta steps, four model evaluations each, and goes on with a linear
 * multistep method; with {@code skip_prk_steps}, with the multistep method (PLMS) alone, which
 * evaluates the second timestep twice.
 */
public final class PndmScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<PndmScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "PNDMScheduler";

  private static final double[][] ADAMS_BASHFORTH = {
    {1},
    {3 / 2.0, -1 / 2.0},
    {23 / 12.0, -16 / 12.0, 5 / 12.0},
    {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0},
  };

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(Options.SKIP_PRK_STEPS, false)
          .with(Options.SET_ALPHA_TO_ONE, false)
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .withSpacing(TimestepSpacing.LEADING);

  /** Order of the multistep method. */
  private static final int ORDER = 4;

  /** Model evaluations of the Runge-Kutta steps. */
  private static final int RUNGE_KUTTA = 12;

  private final boolean plmsOnly;
  private final float finalAlpha;

  private PndmScheduler(OptionValues options) {
    super(NAME, options, PndmScheduler::builder);
    this.plmsOnly = options.isOn(Options.SKIP_PRK_STEPS);
    this.finalAlpha = options.isOn(Options.SET_ALPHA_TO_ONE) ? 1 : schedule.alphaCumprod(0);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static PndmScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<PndmScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, PndmScheduler::new);
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    int steps = request.steps();
    checkArgument(
        plmsOnly || steps >= ORDER,
        "steps is %s, but Runge-Kutta steps need at least %s: ask for more, or set skip_prk_steps",
        steps,
        ORDER);
    double[] spaced = timesteps(request);
    int stride = trainTimesteps() / steps;
    return new Plan(plmsOnly ? plms(spaced) : rungeKutta(spaced, stride), stride);
  }

  /** The second timestep twice. */
  private static double[] plms(double[] spaced) {
    if (spaced.length == 1) {
      return spaced;
    }
    return DoubleStream.concat(Arrays.stream(spaced, 0, 2), Arrays.stream(spaced, 1, spaced.length))
        .toArray();
  }

  /** Three steps with their midpoints: t0, m0, m0, t1, t1, m1, m1, t2, ... and the rest. */
  private static double[] rungeKutta(double[] spaced, int stride) {
    double[] timesteps = new double[RUNGE_KUTTA + spaced.length - 3];
    int half = stride / 2;
    for (int i = 0; i < RUNGE_KUTTA; i++) {
      int step = (i + 1) / 4;
      boolean middle = i % 4 == 1 || i % 4 == 2;
      timesteps[i] = middle ? spaced[step + 1] + half : spaced[step];
    }
    System.arraycopy(spaced, 3, timesteps, RUNGE_KUTTA, spaced.length - 3);
    return timesteps;
  }

  private final class Plan extends VariancePreservingPlan {
    private final int stride;
    private final TensorHistory outputs = history("outputs", ORDER);
    private final TensorHistory base = history("base", 1);
    private final TensorHistory average = history("average", 1);

    Plan(double[] timesteps, int stride) {
      super(timesteps, schedule);
      this.stride = stride;
    }

    @Override
    public int startIndex(int skippedSteps) {
      checkArgument(
          plmsOnly,
          "%s cannot start after %s steps: its first steps are Runge-Kutta steps. Set"
              + " skip_prk_steps, or take another scheduler",
          NAME,
          skippedSteps);
      return skippedSteps;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      // the reference counts evaluations, also where a run starts in the middle
      int counter = evaluationsBefore(index);
      return plmsOnly || counter >= RUNGE_KUTTA
          ? multistep(modelOutput, timestep(index), latents, counter)
          : rungeKutta(modelOutput, timestep(index), latents, counter);
    }

    private Tensor rungeKutta(Tensor modelOutput, int timestep, Tensor latents, int counter) {
      int from = timestep(counter / 4 * 4);
      int to = counter % 2 == 0 ? timestep - stride / 2 : timestep;
      switch (counter % 4) {
        case 0 -> {
          average.push(LinearCombination.of(1 / 6.0, modelOutput).tensor());
          outputs.push(LinearCombination.of(modelOutput).tensor());
          base.push(LinearCombination.of(latents).tensor());
        }
        case 1, 2 ->
            average.push(
                LinearCombination.of(1, average.get(0)).plus(1 / 3.0, modelOutput).tensor());
        default -> {
          Tensor all = LinearCombination.of(1, average.get(0)).plus(1 / 6.0, modelOutput).tensor();
          return transferred(base.get(0), from, to, all);
        }
      }
      return transferred(base.get(0), from, to, modelOutput);
    }

    private Tensor multistep(Tensor modelOutput, int timestep, Tensor latents, int counter) {
      if (counter == 1) {
        // the first step again, with the average of its two ends
        Tensor mean = LinearCombination.of(0.5, modelOutput).plus(0.5, outputs.get(0)).tensor();
        return transferred(base.get(0), timestep + stride, timestep, mean);
      }
      outputs.push(LinearCombination.of(modelOutput).tensor());
      if (counter == 0) {
        base.push(LinearCombination.of(latents).tensor());
      }
      double[] weights = ADAMS_BASHFORTH[outputs.size() - 1];
      LinearCombination slope = LinearCombination.of(weights[0], outputs.get(0));
      for (int age = 1; age < weights.length; age++) {
        slope = slope.plus(weights[age], outputs.get(age));
      }
      return transferred(latents, timestep, timestep - stride, slope.tensor());
    }

    /** Formula (9) of the paper. */
    private Tensor transferred(Tensor latents, int from, int to, Tensor output) {
      float alpha = schedule.alphaCumprod(from);
      float alphaNext = to >= 0 ? schedule.alphaCumprod(to) : finalAlpha;
      float beta = 1 - alpha;
      float betaNext = 1 - alphaNext;
      float denominator = alpha * sqrt(betaNext) + sqrt(alpha * beta * alphaNext);
      return prediction
          .predEpsilon(output, latents, sqrt(alpha), sqrt(beta))
          .times(-(alphaNext - alpha) / denominator)
          .plus(sqrt(alphaNext / alpha), latents)
          .tensor();
    }
  }
}
