package io.t2v.device;

import com.google.common.base.Ascii;
import java.util.List;

/** The numbers in which a network keeps its weights and computes. */
public enum Precision {
  /** 32 bits for weights and features. The reference's default. */
  FLOAT32(4),
  /** 16 bits for weights and features, with eleven significant ones. */
  FLOAT16(2),
  /** 16 bits for weights and features, with the range of float32 and eight significant ones. */
  BFLOAT16(2),
  /**
   * Eight bits for the weights of linear layers and convolutions, with one scale for each channel
   * that comes out; features in float32 on a CPU and in float16 elsewhere. A quarter of float32's
   * memory, for some precision and the time of widening each layer when it is used.
   */
  INT8(1);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns how much a weight takes.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * What a network computes with if nobody says.
   *
   * @param device where it computes
   * @return float32 on a CPU and on MPS, float16 on CUDA
   */
  public static Precision defaultFor(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.CUDA ? FLOAT16 : FLOAT32;
  }

  /**
   * Names precisions whose weights take less memory.
   *
   * @param precision what is used
   * @param device where it is used
   * @return from the one that costs the least: float16 where it is fast, then int8
   */
  public static List<Precision> smallerThan(Precision precision, ComputeDevice device) {
    if (precision == INT8) {
      return List.of();
    }
    return precision == FLOAT32 && !device.isCpu() ? List.of(FLOAT16, INT8) : List.of(INT8);
  }

  /** The name in lower case, such as {@code float16}. */
  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
