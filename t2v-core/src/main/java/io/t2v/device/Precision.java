package io.t2v.device;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The numbers in which a network keeps its weights and computes. */
public enum Precision {
  /** 32 bits for weights and features. The reference's default. */
  FLOAT32(4),
  /**
   * 16 bits for weights and features, with eleven significant ones. On a CPU only weights are
   * stored in 16 bits: each layer is widened when it is used, and features are float32.
   */
  FLOAT16(2),
  /**
   * 16 bits for weights and features, with the range of float32 and eight significant ones.
   * Products are summed, and norms and softmax computed, in float32.
   *
   * <p>On a CPU that computes in it (AMX, or AVX-512 with BF16) a step takes little more than half
   * as long as in float32, and weights take a third of the memory. Building a pipeline for another
   * CPU is refused: {@link #FLOAT16} stores weights in as few bits there.
   */
  BFLOAT16(2),
  /**
   * Eight bits for the weights of linear layers and convolutions, with one scale for each channel
   * that comes out; features in float32 on a CPU and in float16 elsewhere. A quarter of float32's
   * memory, for some precision and the time of widening each layer when it is used.
   */
  INT8(1),
  /**
   * Leaves the choice to the library, network by network; provenance says what was chosen, and why.
   * On a CPU that computes in bfloat16 that is {@link #BFLOAT16}, but float32 for the text encoder,
   * which runs once a prompt and whose error would enter every step. Everywhere else it is the
   * {@linkplain #defaultFor default}.
   */
  AUTO(0);

  private static final ImmutableList<Precision> CONCRETE =
      ImmutableList.of(FLOAT32, FLOAT16, BFLOAT16, INT8);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Leaves the choice to the library.
   *
   * @return {@link #AUTO}
   */
  public static Precision auto() {
    return AUTO;
  }

  /**
   * Returns all precisions that name numbers.
   *
   * @return all but {@link #AUTO}
   */
  public static List<Precision> concrete() {
    return CONCRETE;
  }

  /**
   * Returns how much a weight takes.
   *
   * @return bytes; 0 for {@link #AUTO}
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
   * Names precisions whose weights take less memory, and which every device of this kind computes.
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
