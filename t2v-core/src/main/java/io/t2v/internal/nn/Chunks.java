package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;

/**
 * Divides rows into chunks that are computed one after the other, so that the intermediates of one
 * stay in the CPU's caches and reuse each other's memory.
 *
 * <p>Chunks are as few as possible, and equal but for one row: a small last one would have too
 * little to do for all threads.
 */
public final class Chunks {
  private Chunks() {}

  /**
   * Computes all chunks, each in a {@link TensorScope} of its own.
   *
   * @param count of rows
   * @param most rows of a chunk; one row is computed in any case
   */
  public static void forEach(long count, long most, Chunk chunk) {
    long chunks = count(count, most);
    for (long i = 0; i < chunks; i++) {
      long start = count * i / chunks;
      try (TensorScope scope = TensorScope.open()) {
        chunk.compute(start, count * (i + 1) / chunks - start);
      }
    }
  }

  /** Returns how many chunks there are. */
  public static long count(long count, long most) {
    long atOnce = Math.max(1, most);
    return (count + atOnce - 1) / atOnce;
  }

  /** Computes one chunk. */
  @FunctionalInterface
  public interface Chunk {
    /** Computes rows, of which there is at least one. */
    void compute(long start, long rows);
  }
}
