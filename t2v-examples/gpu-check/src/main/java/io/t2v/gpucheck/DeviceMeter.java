package io.t2v.gpucheck;

/**
 * Memory of one device, in bytes: what libtorch's allocator has handed out there, and what the
 * driver has left.
 */
public interface DeviceMeter {
  /**
   * Returns what the driver has left, for all processes.
   *
   * @return bytes
   */
  long availableBytes();

  /**
   * Returns the most that tensors took together since the {@linkplain #resetPeak reset}.
   *
   * @return bytes that the allocator handed out, without what it keeps in reserve
   */
  long peakBytes();

  /** Starts the peak anew, from what tensors take now. */
  void resetPeak();

  /** Hands what the allocator keeps in reserve back to the driver. */
  void emptyCache();

  /**
   * Caps what the allocator may take from the driver.
   *
   * @param bytes above which allocations fail, as if the device had no more
   */
  void cap(long bytes);

  /** Takes the cap away. */
  void uncap();

  /**
   * Returns what tensors take now. Starts the peak anew.
   *
   * @return bytes
   */
  default long allocatedBytes() {
    resetPeak();
    return peakBytes();
  }
}
