package io.t2v.device;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The dtype in which a network stores its weights and computes. */
public enum Precision {
  /** 32 bits for weights and features. The reference's default. */
  FLOAT32(4),
  /**
   * 16 bits for weights and features, eleven of them significant. On a CPU only weights are stored
   * in 16 bits: each layer is converted to float32 when it is used, and features are float32.
   */
  FLOAT16(2),
  /**
   * 16 bits for weights and features, with the range of float32, eight of them significant.
   * Products are summed, and norms and softmax computed, in float32.
   *
   * <p>On a CPU that computes in it (AMX, or AVX-512 with BF16) a step takes little more than half
   * as long as in float32, and weights take a third of the memory. Building a pipeline for another
   * CPU is refused: {@link #FLOAT16} stores weights in as few bits there.
   */
  BFLOAT16(2),
  /**
   * Eight bits for the weights of linear layers and convolutions, with one scale for each output
   * channel; features in float32 on a CPU and in float16 elsewhere. A quarter of float32's memory,
   * for some precision and the time to convert each layer when it is used.
   */
  INT8(1),
  /**
   * Leaves the choice to the library, for each network; provenance says what was chosen, and why.
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
   * Returns all precisions but {@link #AUTO}.
   *
   * @return from the widest to the narrowest
   */
  public static List<Precision> concrete() {
    return CONCRETE;
  }

  /**
   * Returns how much memory one weight takes.
   *
   * @return bytes; 0 for {@link #AUTO}
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns the precision that a network computes in if none was set.
   *
   * @param device where it computes
   * @return float32 on a CPU and on MPS, float16 on CUDA
   */
  public static Precision defaultFor(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.CUDA ? FLOAT16 : FLOAT32;
  }

  /**
   * Returns the precisions whose weights take less memory, and which every device of this kind
   * supports.
   *
   * @param precision what is used
   * @param device where it is used
   * @return the most exact first: float16 where it is fast, then int8
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
