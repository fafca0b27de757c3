package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.scheduler.contract.SchedulerContract;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

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
  void findsANullResult() {
    assertBroken(
        new Euler() {
          @Override
          @SuppressWarnings("NullAway") // what a careless author does
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            return null;
          }
        },
        "returns null from step");
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

  @Test
  void findsAChangeInPlace() {
    assertBroken(
        new Euler() {
          @Override
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            return SamplingPlan.scoped(
                () -> latents.add_(modelOutput, new Scalar(width)).mul(new Scalar(1.0)));
          }
        },
        "changes the latents or the model's output that it is given in step 0");
  }

  @Test
  void findsALeak() {
    assertBroken(
        new Euler() {
          @Override
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            modelOutput.mul(new Scalar(2.0)).retainReference();
            return super.step(modelOutput, latents, width, noise);
          }
        },
        "leaves native objects behind");
  }

  @Test
  void findsStateThatRunsShare() {
    assertBroken(
        new Euler() {
          private int calls;

          @Override
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            return super.step(modelOutput, latents, width * (1 + calls++ % 7), noise);
          }
        },
        "gives other latents for the same seed");
  }

  @Test
  void findsRandomNumbersOfAnotherSource() {
    assertBroken(
        new Euler() {
          @Override
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            return SamplingPlan.scoped(
                () -> latents.add(modelOutput, new Scalar(width)).add(torch.randn_like(latents)));
          }
        },
        "gives other latents for the same seed");
  }

  @Test
  void findsVideosThatMix() {
    assertBroken(
        new Euler() {
          @Override
          Tensor step(Tensor modelOutput, Tensor latents, double width, Noise noise) {
            return SamplingPlan.scoped(
                () -> latents.add(modelOutput.sub(modelOutput.mean()), new Scalar(width)));
          }
        },
        "mixes up the videos of a batch");
  }

  private static void assertBroken(Scheduler scheduler, String problem) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(SchedulerContract.of(scheduler)::check)
        .withMessageContaining("MyScheduler " + problem);
  }
}
