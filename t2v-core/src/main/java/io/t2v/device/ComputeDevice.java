package io.t2v.device;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.primitives.Ints;
import org.jspecify.annotations.Nullable;

/**
 * Where networks compute.
 *
 * @param kind of device
 * @param index which one of its kind, from 0; 0 where there is only one
 */
public record ComputeDevice(Kind kind, int index) {
  /** Kinds of devices. */
  public enum Kind {
    /** The best one available. */
    AUTO,
    /** The CPU. */
    CPU,
    /** An NVIDIA GPU. */
    CUDA,
    /** The GPU of Apple silicon. */
    MPS
  }

  /**
   * Checks the index.
   *
   * @param kind of device
   * @param index which one of its kind
   * @throws IllegalArgumentException if it is negative, or not 0 for a kind of which there is one
   */
  public ComputeDevice {
    checkArgument(
        index == 0 || (kind == Kind.CUDA && index > 0),
        "device %s:%s, expected an index of at least 0 for cuda, and none for others",
        Ascii.toLowerCase(kind.name()),
        index);
  }

  /**
   * The CPU.
   *
   * @return the device
   */
  public static ComputeDevice cpu() {
    return new ComputeDevice(Kind.CPU, 0);
  }

  /**
   * An NVIDIA GPU.
   *
   * @param index in the order in which CUDA counts them, from 0
   * @return the device
   * @throws IllegalArgumentException if the index is negative
   */
  public static ComputeDevice cuda(int index) {
    return new ComputeDevice(Kind.CUDA, index);
  }

  /**
   * The GPU of Apple silicon.
   *
   * @return the device
   */
  public static ComputeDevice mps() {
    return new ComputeDevice(Kind.MPS, 0);
  }

  /**
   * The best device available when the pipeline is built: the CUDA device with the most free
   * memory, or else the CPU.
   *
   * @return a placeholder until then
   */
  public static ComputeDevice auto() {
    return new ComputeDevice(Kind.AUTO, 0);
  }

  /**
   * Parses the name of a device, as libtorch writes it.
   *
   * @param name {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:1} or {@code mps}
   * @return the device
   * @throws IllegalArgumentException if it is no such name
   */
  public static ComputeDevice parse(String name) {
    int colon = name.indexOf(':');
    String word = colon < 0 ? name : name.substring(0, colon);
    Integer index = colon < 0 ? Integer.valueOf(0) : Ints.tryParse(name.substring(colon + 1));
    Kind kind = kindNamed(word);
    checkArgument(
        kind != null && index != null && (colon < 0 || kind == Kind.CUDA) && index >= 0,
        "device %s, expected auto, cpu, cuda, cuda:1 (any index) or mps",
        name);
    return new ComputeDevice(kind, index);
  }

  private static @Nullable Kind kindNamed(String word) {
    for (Kind kind : Kind.values()) {
      if (Ascii.equalsIgnoreCase(kind.name(), word)) {
        return kind;
      }
    }
    return null;
  }

  /**
   * Returns whether networks compute on the CPU.
   *
   * @return false for a device with memory of its own, or {@link #auto}
   */
  public boolean isCpu() {
    return kind == Kind.CPU;
  }

  /** The name as libtorch writes it. */
  @Override
  public String toString() {
    String name = Ascii.toLowerCase(kind.name());
    return kind == Kind.CUDA ? name + ":" + index : name;
  }
}
