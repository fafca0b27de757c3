package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameRateTest {
  @ParameterizedTest
  @CsvSource({
    "8, 8, 1",
    "12.5, 25, 2",
    "23.976, 24000, 1001",
    "23.98, 1199, 50",
    "23.976023976, 24000, 1001",
    "29.97, 30000, 1001",
    "47.952, 48000, 1001",
    "119.88, 120000, 1001",
    "0.1, 1, 10",
    "6.666666666666667, 20, 3"
  })
  void findsTheFraction(double rate, int numerator, int denominator) {
    assertThat(FrameRate.of(rate)).isEqualTo(new FrameRate(numerator, denominator));
  }

  @Test
  void isNearForAnyNumber() {
    for (double rate = FrameRate.MIN; rate < FrameRate.MAX; rate = rate * 1.0137) {
      FrameRate found = FrameRate.of(rate);

      assertThat(found.value()).isCloseTo(rate, within(rate * 1e-5));
      assertThat(found.clock()).isGreaterThanOrEqualTo(10_000);
      assertThat(found.clock() % found.numerator()).isZero();
    }
  }
}
