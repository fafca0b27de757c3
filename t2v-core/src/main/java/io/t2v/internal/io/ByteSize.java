package io.t2v.internal.io;

import java.util.Locale;

/** Writes numbers of bytes for people. */
public final class ByteSize {
  private ByteSize() {}

  /** Such as {@code 1.37 GiB}. */
  public static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
  }
}
