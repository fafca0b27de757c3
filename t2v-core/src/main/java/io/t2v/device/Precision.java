package io.t2v.device;

import com.google.common.base.Ascii;

/** The numbers in which a network keeps its weights and computes. */
public enum Precision {
  /** 32 bits for weights and features. The reference's default. */
  FLOAT32,
  /** 16 bits for weights and features, with eleven significant ones. */
  FLOAT16,
  /** 16 bits for weights and features, with the range of float32 and eight significant ones. */
  BFLOAT16,
  /**
   * Eight bits for the weights of linear layers and convolutions, with one scale for each channel
   * that comes out; features in float32 on a CPU and in float16 elsewhere. A quarter of float32's
   * memory, for some precision and the time of widening each layer when it is used.
   */
  INT8;

  /**
   * What a network computes with if nobody says.
   *
   * @param device where it computes
   * @return float32 on a CPU and on MPS, float16 on CUDA
   */
  public static Precision defaultFor(Device device) {
    return device.kind() == Device.Kind.CUDA ? FLOAT16 : FLOAT32;
  }

  /** The name in lower case, such as {@code float16}. */
  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
