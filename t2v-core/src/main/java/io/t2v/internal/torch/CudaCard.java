package io.t2v.internal.torch;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;

/**
 * A GPU that CUDA lists.
 *
 * @param name such as {@code NVIDIA H200}
 * @param totalBytes of its memory
 * @param major of its compute capability
 * @param minor of its compute capability
 */
record CudaCard(String name, long totalBytes, int major, int minor) {
  /**
   * What the natives of PyTorch 2.10.0-1.5.13 hold machine code for, major and minor in two digits,
   * as {@code sm_…} in libtorch_cuda names it. Such code runs on cards of the same major number and
   * a minor number that is the same or higher.
   */
  private static final List<Integer> MACHINE_CODE = ImmutableList.of(75, 80, 90, 100, 120);

  /** What they hold intermediate code for, which the driver translates for every later card. */
  private static final int INTERMEDIATE_CODE = 120;

  static final String SUPPORTED = "7.5, 8.0 to 8.9, 9.0, 10.0 to 10.3, and 12.0 or later";

  /** Tells whether libtorch's natives have code that runs on this card. */
  boolean isSupported() {
    int capability = 10 * major + minor;
    return capability >= INTERMEDIATE_CODE
        || MACHINE_CODE.stream().anyMatch(code -> code / 10 == major && code % 10 <= minor);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, %s, compute capability %d.%d", name, gib(totalBytes), major, minor);
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
