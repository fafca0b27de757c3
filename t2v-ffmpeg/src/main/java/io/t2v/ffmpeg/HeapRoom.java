package io.t2v.ffmpeg;

import java.util.Locale;
import java.util.function.Function;

/** Checks for room on the Java heap before large pieces of it are taken. */
final class HeapRoom {
  private HeapRoom() {}

  /**
   * Checks that something fits, instead of an {@link OutOfMemoryError} half-way.
   *
   * @param bytes that it takes in addition to what is held already
   * @param purpose what they are for, to begin a sentence
   * @param error makes the exception from its message
   */
  static <E extends Exception> void require(long bytes, String purpose, Function<String, E> error)
      throws E {
    if (bytes <= free()) {
      return;
    }
    // Garbage counts as used until it is collected. The JDK does the same before it refuses memory
    // outside of the heap.
    System.gc();
    if (bytes > free()) {
      throw error.apply(
          String.format(
              Locale.ROOT,
              "%s takes %,d bytes of the Java heap, and %,d of %,d are free; start Java with a larger -Xmx",
              purpose,
              bytes,
              free(),
              Runtime.getRuntime().maxMemory()));
    }
  }

  private static long free() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }
}
