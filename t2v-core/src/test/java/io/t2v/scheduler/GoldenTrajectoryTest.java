package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs give what the reference gives, step for step. */
class GoldenTrajectoryTest {
  private static final double TOLERANCE = 1e-5;

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
      assertProbes(noised, golden.floats("noised"), 0, "noised");
      float[] probes = golden.floats("probes");
      float[] largest = golden.floats("largest");
      int perStep = probes.length / largest.length;
      for (int i = start; i < timesteps.length; i++) {
        try (PointerScope step = new PointerScope()) {
          Tensor scaled = plan.scaleModelInput(latents, i);
          if (golden.has("scaled")) {
            assertProbes(
                scaled, golden.floats("scaled"), (i - start) * perStep, "scaled before step " + i);
          }
          Tensor output = draws.gaussian(golden.modelShape());
          if ("learned".equals(golden.config().options().get("variance_type"))) {
            output.abs_(); // a variance is not negative
          }
          latents = plan.step(output, i, latents, own);
          scope.attach(latents);
        }
        float[] expected = new float[perStep];
        System.arraycopy(probes, (i - start) * perStep, expected, 0, perStep);
        float[] found = Draws.floats(latents);
        for (int k = 0; k < perStep; k++) {
          assertThat(found[k * Golden.STRIDE])
              .as("element %s after step %s", k * Golden.STRIDE, i)
              .isCloseTo(expected[k], within((float) (TOLERANCE * largest[i - start])));
        }
      }
      float[] last = golden.floats("last");
      float bound = (float) (TOLERANCE * largest[largest.length - 1]);
      assertThat(Draws.floats(latents)).containsExactly(last, within(bound));
    }
  }

  private static void assertProbes(Tensor tensor, float[] expected, int offset, String what) {
    float[] found = Draws.floats(tensor);
    int count = (found.length + Golden.STRIDE - 1) / Golden.STRIDE;
    float bound = 0;
    for (float one : found) {
      bound = Math.max(bound, Math.abs(one));
    }
    for (int k = 0; k < count; k++) {
      assertThat(found[k * Golden.STRIDE])
          .as(what)
          .isCloseTo(expected[offset + k], within((float) (TOLERANCE * bound)));
    }
  }
}
