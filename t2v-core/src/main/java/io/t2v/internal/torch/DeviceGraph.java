package io.t2v.internal.torch;

/**
 * What a thread asked of a device once, recorded, to be asked again as a whole: one call in place
 * of thousands. It works on the same memory each time, so what changes has to be copied into the
 * tensors that it was recorded with, and its results out of them.
 *
 * <p>For one thread at a time that computes on the device; any may close it.
 */
public interface DeviceGraph extends AutoCloseable {
  /**
   * Asks the device for everything that was recorded, after all that this thread has asked of it so
   * far. Does not wait.
   *
   * @throws IllegalStateException if the device refuses; nothing was computed
   */
  void replay();

  /** Waits for the device, and frees the memory of everything that was recorded. */
  @Override
  void close();

  /** Records. */
  @FunctionalInterface
  interface Recorder {
    /**
     * Records what a piece of work asks of the device. It may run twice, once to prepare what is
     * made at its first use, once to be recorded; of the second time nothing is computed yet. It
     * may neither wait for the device nor read its results, nor draw random numbers.
     *
     * @param work what it made last is overwritten by each replay
     * @return the recording, which the caller closes after what the work keeps
     * @throws RuntimeException if the work fails, or cannot be recorded; nothing is left behind
     */
    DeviceGraph record(Runnable work);
  }
}
