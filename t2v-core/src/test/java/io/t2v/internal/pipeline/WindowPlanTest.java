package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.internal.pipeline.WindowPlan.Window;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowPlanTest {
  @ParameterizedTest
  @CsvSource({"false, false, false", "true, false, false", "true, true, false", "true, true, true"})
  void holdsEveryFrameWhateverTheNumbers(boolean pyramid, boolean shifted, boolean loop) {
    for (int frames = 1; frames <= 100; frames++) {
      for (int length = 1; length <= 32; length++) {
        for (int overlap = 0; overlap < length; overlap++) {
          // every plan in its first step, and every step of some
          int step = shifted ? frames + length + overlap : 0;
          assertCovered(new WindowPlan(frames, length, overlap, pyramid, shifted, loop), step);
        }
      }
    }
  }

  @Test
  void holdsEveryFrameInEveryStep() {
    for (boolean loop : new boolean[] {false, true}) {
      for (int step = 0; step < 50; step++) {
        assertCovered(new WindowPlan(37, 16, 5, true, true, loop), step);
        assertCovered(new WindowPlan(16, 16, 0, true, true, loop), step);
        assertCovered(new WindowPlan(17, 16, 15, true, true, loop), step);
      }
    }
  }

  private static void assertCovered(WindowPlan plan, int step) {
    double[] shares = new double[plan.frames()];
    for (Window window : plan.windows(step)) {
      for (int i = 0; i < window.frames().length; i++) {
        if (!(window.shares()[i] > 0)) {
          throw new AssertionError(plan + " has a share of " + window.shares()[i]);
        }
        shares[(int) window.frames()[i]] += window.shares()[i];
      }
    }
    for (double share : shares) {
      if (!(Math.abs(share - 1) < 1e-5)) {
        throw new AssertionError(plan + " in step " + step + " has a frame with " + share);
      }
    }
  }

  @Test
  void movesTheLastWindowBackToTheEnd() {
    assertThat(starts(new WindowPlan(20, 8, 2, false, false, false), 0))
        .containsExactly(0L, 6L, 12L);
    assertThat(starts(new WindowPlan(21, 8, 2, false, false, false), 3))
        .containsExactly(0L, 6L, 12L, 13L);
    assertThat(starts(new WindowPlan(5, 8, 2, false, false, false), 0)).containsExactly(0L);
  }

  @Test
  void movesFromStepToStep() {
    WindowPlan plan = new WindowPlan(40, 8, 0, false, true, false);
    assertThat(starts(plan, 0)).containsExactly(0L, 8L, 16L, 24L, 32L);
    assertThat(starts(plan, 1)).containsExactly(0L, 4L, 12L, 20L, 28L, 32L);
    assertThat(starts(plan, 2)).containsExactly(0L, 6L, 14L, 22L, 30L, 32L);
    Set<Long> second = new HashSet<>();
    for (int step = 0; step < 8; step++) {
      second.add(starts(plan, step).get(1));
    }
    assertThat(second).hasSize(8);
  }

  @ParameterizedTest
  @CsvSource({"20, 8, 2", "21, 8, 0", "8, 8, 0", "6, 8, 3", "2, 1, 0"})
  void joinsTheLastFrameToTheFirstInALoop(int frames, int length, int overlap) {
    WindowPlan plan = new WindowPlan(frames, length, overlap, true, true, true);
    Set<Long> followed = new HashSet<>();
    for (int step = 0; step < 32; step++) {
      for (Window window : plan.windows(step)) {
        for (int i = 1; i < window.frames().length; i++) {
          assertThat(window.frames()[i]).isEqualTo((window.frames()[i - 1] + 1) % frames);
          followed.add(window.frames()[i - 1]);
        }
      }
    }
    assertThat(followed).hasSize(length == 1 ? 0 : frames);
  }

  @Test
  void weighsTheMiddleOfAWindowMost() {
    List<Window> windows = new WindowPlan(6, 4, 2, true, false, false).windows(0);
    // weights 1 2 2 1; frames 2 and 3 are in both windows, with 2 and 1
    assertThat(windows.get(0).shares()).containsExactly(new float[] {1, 1, 2 / 3f, 1 / 3f});
    assertThat(windows.get(1).shares()).containsExactly(new float[] {1 / 3f, 2 / 3f, 1, 1});
    List<Window> odd = new WindowPlan(7, 5, 3, true, false, false).windows(0);
    // weights 1 2 3 2 1
    assertThat(odd.get(0).shares()[2]).isCloseTo(3 / 4f, within(1e-6f));
    assertThat(odd.get(0).shares()[3]).isCloseTo(2 / 4f, within(1e-6f));
    List<Window> flat = new WindowPlan(6, 4, 2, false, false, false).windows(0);
    assertThat(flat.get(0).shares()).containsExactly(new float[] {1, 1, 0.5f, 0.5f});
  }

  @Test
  void aWindowOfTheWholeClipIsNone() {
    assertThat(new WindowPlan(16, 16, 4, true, false, false).isWholeClip()).isTrue();
    assertThat(new WindowPlan(5, 16, 4, true, true, false).isWholeClip()).isTrue();
    assertThat(new WindowPlan(17, 16, 4, true, false, false).isWholeClip()).isFalse();
    assertThat(new WindowPlan(16, 16, 4, true, true, true).isWholeClip()).isFalse();
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WindowPlan(0, 1, 0, true, false, false))
        .withMessage("frames is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WindowPlan(1, 0, 0, true, false, false))
        .withMessage("length is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WindowPlan(9, 4, 4, true, false, false))
        .withMessage("overlap is 4, expected 0 to 3");
  }

  private static List<Long> starts(WindowPlan plan, int step) {
    List<Long> starts = new ArrayList<>();
    plan.windows(step).forEach(window -> starts.add(window.frames()[0]));
    return starts;
  }
}
