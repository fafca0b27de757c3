package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FrameTimesTest {
  private static double[] seconds(FrameTimes times, long... ticks) {
    double[] seconds = new double[ticks.length];
    for (int i = 0; i < ticks.length; i++) {
      OptionalLong time = ticks[i] < 0 ? OptionalLong.empty() : OptionalLong.of(ticks[i]);
      seconds[i] = times.next(time, 10);
    }
    return seconds;
  }

  @Test
  void theFirstFrameIsAtZero() {
    assertThat(seconds(new FrameTimes(0.01, 0.1, false), 500, 510, 530))
        .containsExactly(new double[] {0, 0.1, 0.3}, within(1e-9));
  }

  @Test
  void framesWithoutTimesFollowEachOther() {
    assertThat(seconds(new FrameTimes(0.01, 0.1, false), -1, -1, -1))
        .containsExactly(new double[] {0, 0.1, 0.2}, within(1e-9));
  }

  @Test
  void timesThatStartAgainGoOn() {
    assertThat(seconds(new FrameTimes(0.01, 0.1, false), 100, 110, 120, 100, 110))
        .containsExactly(new double[] {0, 0.1, 0.2, 0.3, 0.4}, within(1e-9));
  }

  @Test
  void leapsAreNewRecordingsWhereTimesMayStartAgain() {
    assertThat(seconds(new FrameTimes(0.01, 0.1, true), 0, 10, 900_000, 900_010))
        .containsExactly(new double[] {0, 0.1, 0.2, 0.3}, within(1e-9));
    assertThat(seconds(new FrameTimes(0.01, 0.1, false), 0, 10, 900_000))
        .containsExactly(new double[] {0, 0.1, 9000}, within(1e-9));
  }

  @Test
  void unsteadyTimesDoNotRunBackwards() {
    assertThat(seconds(new FrameTimes(0.01, 0.1, false), 0, 10, 9, 20))
        .containsExactly(new double[] {0, 0.1, 0.1, 0.2}, within(1e-9));
  }
}
