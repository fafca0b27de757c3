package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlignYourStepsTest {
  private static final NoiseSchedule LATENT =
      NoiseSchedule.of(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012, 1000);

  /** The timesteps were published beside the levels, for this schedule; rounded differently. */
  @Test
  void tenStepsStandWhereTheyWerePublished() {
    List<Double> published =
        List.of(999.0, 850.0, 736.0, 645.0, 545.0, 455.0, 343.0, 233.0, 124.0, 24.0);
    List<Double> aligned = AlignYourSteps.timesteps(LATENT, 10);
    assertThat(aligned).hasSize(10);
    for (int i = 0; i < 10; i++) {
      assertThat(aligned.get(i)).as("step %s", i).isCloseTo(published.get(i), within(2.0));
    }
  }

  @Test
  void everySecondOfTwentyStepsIsOneOfTen() {
    List<Double> twenty = AlignYourSteps.timesteps(LATENT, 20);
    List<Double> ten = AlignYourSteps.timesteps(LATENT, 10);
    for (int i = 0; i < 10; i++) {
      assertThat(twenty.get(2 * i)).isEqualTo(ten.get(i));
    }
  }

  @Test
  void stepsFallFromTheNoisyEnd() {
    for (int steps : new int[] {1, 2, 9, 50, 73, 200, 999, 1000}) {
      List<Double> timesteps = AlignYourSteps.timesteps(LATENT, steps);
      assertThat(timesteps).hasSize(steps).startsWith(999.0).doesNotHaveDuplicates();
      assertThat(timesteps).isSortedAccordingTo(Comparator.reverseOrder());
      assertThat(timesteps.get(steps - 1)).isNotNegative();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlignYourSteps.timesteps(LATENT, 1001))
        .withMessage("steps is 1001, expected 1 to 1000");
  }
}
