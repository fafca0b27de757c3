package io.t2v.scheduler;

import io.t2v.contract.SchedulerContract;
import io.t2v.testing.Mistake;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract passes a plain scheduler, and says what is wrong with broken ones. */
class BrokenSchedulerTest {
  /** Euler's method, whose parts can be replaced by worse ones. */
  private static class Euler implements Scheduler {
    private final NoiseSchedule schedule =
        NoiseSchedule.of(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012, 1000);

    @Override
    public String name() {
      return "MyScheduler";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public int trainTimesteps() {
      return 1000;
    }

    @Override
    public SamplingPlan plan(PlanRequest request) {
      double[] timesteps = new double[request.steps()];
      for (int i = 0; i < timesteps.length; i++) {
        timesteps[i] = Math.rint(999.0 * (timesteps.length - i) / timesteps.length);
      }
      return new Plan(timesteps);
    }

    double sigma(double[] timesteps, int index) {
      return index < timesteps.length ? schedule.sigma((int) timesteps[index]) : 0;
    }

    /** The next latents. */
    Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
      return SamplingPlan.scoped(() -> latents.add(modelOutput, new Scalar(width)));
    }

    double[] published(double[] timesteps) {
      return timesteps.clone();
    }

    private final class Plan implements SamplingPlan {
      private final double[] timesteps;

      Plan(double[] timesteps) {
        this.timesteps = timesteps;
      }

      @Override
      public double[] timesteps() {
        return published(timesteps);
      }

      @Override
      public double initialNoiseScale() {
        return sigma(timesteps, 0);
      }

      @Override
      public Tensor scaleModelInput(Tensor latents, int index) {
        double scale = 1 / Math.hypot(sigma(timesteps, index), 1);
        return SamplingPlan.scoped(() -> latents.mul(new Scalar(scale)));
      }

      @Override
      public Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise) {
        double width = sigma(timesteps, index + 1) - sigma(timesteps, index);
        return Euler.this.step(modelOutput, latents, width, noise);
      }

      @Override
      public Tensor addNoise(Tensor clean, Tensor noise, int index) {
        double sigma = sigma(timesteps, index);
        return SamplingPlan.scoped(() -> clean.add(noise, new Scalar(sigma)));
      }

      @Override
      public void close() {}
    }
  }

  @Test
  void aPlainSchedulerKeepsTheContract() {
    SchedulerContract.of(new Euler()).check();
  }

  @Test
  void findsAnArrayThatIsHandedOut() {
    assertBroken(
        new Euler() {
          @Override
          double[] published(double[] timesteps) {
            return timesteps;
          }
        },
        "hands out its own array of timesteps");
  }

  @Test
  void findsTimestepsThatRise() {
    assertBroken(
        new Euler() {
          @Override
          double[] published(double[] timesteps) {
            double[] rising = new double[timesteps.length];
            for (int i = 0; i < rising.length; i++) {
              rising[i] = timesteps[rising.length - 1 - i];
            }
            return rising;
          }
        },
        "has timesteps that rise");
  }

  @ParameterizedTest
  @EnumSource
  void finds(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        SchedulerContract.of(
                new Euler() {
                  @Override
                  Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
                    return author.apply(latents, super.step(modelOutput, latents, width, noise));
                  }
                })
            ::check);
  }

  private static void assertBroken(Scheduler scheduler, String problem) {
    Mistake.assertBroken(SchedulerContract.of(scheduler)::check, problem);
  }
}
