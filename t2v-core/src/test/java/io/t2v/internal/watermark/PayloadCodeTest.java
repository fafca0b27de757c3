package io.t2v.internal.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PayloadCodeTest {
  private static final long PAYLOAD = 0xdeadbeefcafeL;

  private static double[] received(long payload) {
    boolean[] bits = PayloadCode.encode(payload);
    double[] values = new double[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = bits[i] ? 1 : -1;
    }
    return values;
  }

  /** The answer to a single set bit holds the generators' bits, first 133, then 171 (octal). */
  @Test
  void isTheCodeOfItsDescription() {
    boolean[] zero = PayloadCode.encode(0);
    boolean[] one = PayloadCode.encode(Long.MIN_VALUE);
    StringBuilder differences = new StringBuilder();
    for (int i = 0; i < 14; i++) {
      differences.append(zero[i] == one[i] ? '0' : '1');
    }
    // 1011011 and 1111001, interleaved
    assertThat(differences).hasToString("11011111001011");
  }

  @Test
  void correctsTwentyWrongBitsThatLieApart() {
    double[] values = received(PAYLOAD);
    for (int i = 0; i < 20; i++) {
      values[10 * i] *= -1;
    }
    assertThat(PayloadCode.decode(values)).hasValue(PAYLOAD);
  }

  @Test
  void usesHowCertainBitsAre() {
    double[] values = received(PAYLOAD);
    for (int i = 0; i < values.length; i += 3) {
      values[i] *= -0.1;
    }
    assertThat(PayloadCode.decode(values)).hasValue(PAYLOAD);
  }

  @Test
  void findsNothingInNoise() {
    Random random = new Random(4);
    for (int i = 0; i < 1000; i++) {
      double[] noise = random.doubles(PayloadCode.LENGTH, -1, 1).toArray();
      assertThat(PayloadCode.decode(noise)).isEmpty();
    }
  }
}
