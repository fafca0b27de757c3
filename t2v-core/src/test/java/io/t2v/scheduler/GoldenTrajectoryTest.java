package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.t2v.contract.Draws;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs give what the reference gives, step for step. */
class GoldenTrajectoryTest {
  static Stream<Golden> goldens() {
    return Schedulers.names().stream().flatMap(Golden::all);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goldens")
  void matchesTheReference(Golden golden) {
    Scheduler scheduler = Schedulers.fromConfig(golden.config());
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(golden.seed());
        Draws own = new Draws(golden.seed() + 1);
        SamplingPlan plan = scheduler.plan(golden.request())) {
      double[] timesteps = plan.timesteps();
      assertThat(timesteps).containsExactly(golden.timesteps(), within(1e-3));
      assertThat(plan.initialNoiseScale())
          .isCloseTo(golden.initialNoiseScale(), within(1e-6 * golden.initialNoiseScale()));

      int start = golden.start();
      Tensor latents = draws.gaussian(golden.shape()).mul(new Scalar(golden.initialNoiseScale()));
      Tensor noised = plan.addNoise(latents, draws.gaussian(golden.shape()), start);
      assertProbes(noised, golden.floats("noised"), 0, 1e-5, "noised");
      float[] probes = golden.floats("probes");
      int perStep = probes.length / (timesteps.length - start);
      for (int i = start; i < timesteps.length; i++) {
        try (PointerScope step = new PointerScope()) {
          Tensor scaled = plan.scaleModelInput(latents, i);
          if (golden.has("scaled")) {
            assertProbes(
                scaled,
                golden.floats("scaled"),
                (i - start) * perStep,
                golden.tolerance(),
                "scaled before step " + i);
          }
          Tensor output = draws.gaussian(golden.modelShape());
          if ("learned".equals(golden.config().options().get("variance_type"))) {
            output.abs_(); // a variance is not negative
          }
          latents = plan.step(output, i, latents, own);
          scope.attach(latents);
        }
        assertProbes(latents, probes, (i - start) * perStep, golden.tolerance(), "after step " + i);
      }
      assertClose(
          Draws.floats(latents), golden.floats("last"), 1, 0, golden.tolerance(), "at the end");
    }
  }

  private static void assertProbes(
      Tensor tensor, float[] expected, int offset, double tolerance, String what) {
    assertClose(Draws.floats(tensor), expected, Golden.STRIDE, offset, tolerance, what);
  }

  /** Compares every {@code stride}-th element, in terms of the largest magnitude of all. */
  private static void assertClose(
      float[] found, float[] expected, int stride, int offset, double tolerance, String what) {
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      largest = Math.max(largest, Math.abs(found[i]));
      if (i % stride == 0) {
        worst = Math.max(worst, Math.abs(found[i] - expected[offset + i / stride]));
      }
    }
    assertThat(worst / largest).as(what).isLessThanOrEqualTo(tolerance);
  }
}
