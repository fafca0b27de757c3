package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.RandomWeights;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Rounding to 16 bits, against libtorch's own. */
class HalfFloatTest {
  private static final int HALVES = 1 << 16;
  private static final int EXPONENT = 0x7c00;

  @Test
  void keepsEveryHalf() {
    float[] values = allHalves();
    for (int bits = 0; bits < HALVES; bits++) {
      if (Float.isNaN(values[bits])) {
        assertNan(HalfFloat.of(values[bits]));
      } else {
        assertThat(HalfFloat.of(values[bits])).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void widensAsLibtorchDoes() {
    float[] values = allHalves();
    for (int bits = 0; bits < HALVES; bits++) {
      float widened = HalfFloat.toFloat((short) bits);
      if (Float.compare(widened, values[bits]) != 0) {
        assertThat(widened).as("half 0x%04x", bits).isEqualTo(values[bits]);
      }
    }
  }

  @Test
  void roundsTiesAndTheirNeighboursAsLibtorchDoes() {
    float[] halves = allHalves();
    float[] values = new float[3 * HALVES];
    for (int bits = 0; bits < HALVES; bits++) {
      float middle = (float) (((double) halves[bits] + nextAway(halves, bits)) / 2);
      values[3 * bits] = Math.nextDown(middle);
      values[3 * bits + 1] = middle;
      values[3 * bits + 2] = Math.nextUp(middle);
    }
    assertRoundedAsByLibtorch(values);
  }

  @Test
  void roundsFloatsOfEverySizeAsLibtorchDoes() {
    float[] values = new float[1 << 18];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat((int) RandomWeights.mix(i));
    }
    assertRoundedAsByLibtorch(values);
  }

  /** The next half further from zero; beyond the largest one, where rounding goes to infinity. */
  private static double nextAway(float[] halves, int bits) {
    boolean largest = (bits & 0x7fff) == EXPONENT - 1;
    return largest ? Math.copySign(65536, halves[bits]) : halves[(bits + 1) % HALVES];
  }

  private static void assertRoundedAsByLibtorch(float[] values) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor rounded = HostTensors.of(values, values.length).to(ScalarType.Half).contiguous();
      short[] expected = new short[values.length];
      new ShortPointer(rounded.data_ptr()).get(expected);
      for (int i = 0; i < values.length; i++) {
        short actual = HalfFloat.of(values[i]);
        if (Float.isNaN(values[i])) {
          assertNan(actual);
        } else if (actual != expected[i]) {
          assertThat(actual).as("%s = %a", values[i], values[i]).isEqualTo(expected[i]);
        }
      }
    }
  }

  private static void assertNan(short half) {
    assertThat(half & EXPONENT).isEqualTo(EXPONENT);
    assertThat(half & 0x3ff).isNotZero();
  }

  private static float[] allHalves() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      short[] bits = new short[HALVES];
      for (int i = 0; i < HALVES; i++) {
        bits[i] = (short) i;
      }
      Tensor halves = HostTensors.of(new float[HALVES], HALVES).to(ScalarType.Half);
      new ShortPointer(halves.data_ptr()).put(bits);
      return HostTensors.toFloats(halves);
    }
  }
}
