package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.t2v.contract.Draws;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A denoiser that names the noise exactly means the clean latents that the noise was added to. */
class PredictX0Test {
  /** All but EDM's, whose predictions are scaled by the noise level before they are noise. */
  static List<Scheduler> schedulers() {
    return Schedulers.names().stream()
        .filter(name -> !name.equals("EDMEulerScheduler"))
        .map(
            name ->
                Schedulers.byName(name)
                    .fromConfig(new SchedulerConfig(name, Map.of("prediction_type", "epsilon"))))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void findsWhatTheNoiseWasAddedTo(Scheduler scheduler) {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(7);
        SamplingPlan plan = scheduler.plan(new PlanRequest(8, 0))) {
      Tensor clean = draws.gaussian(2, 4, 5, 6);
      Tensor noise = draws.gaussian(2, 4, 5, 6);
      float[] expected = Draws.floats(clean);
      for (int i = plan.timesteps().length / 2; i < plan.timesteps().length; i++) {
        float[] found = Draws.floats(plan.predictX0(noise, i, plan.addNoise(clean, noise, i)));
        for (int j = 0; j < expected.length; j++) {
          assertThat(found[j])
              .as("step %s, element %s", i, j)
              .isCloseTo(expected[j], within(2e-3f));
        }
      }
    }
  }
}
