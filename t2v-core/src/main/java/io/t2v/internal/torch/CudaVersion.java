package io.t2v.internal.torch;

/**
 * A version of CUDA.
 *
 * @param number as CUDA counts: 13010 is 13.1
 */
record CudaVersion(int number) {
  /** There is none. */
  static final CudaVersion NONE = new CudaVersion(0);

  boolean exists() {
    return number > 0;
  }

  int major() {
    return number / 1000;
  }

  /**
   * Tells whether a driver of this version runs programs of another: those of its own major version
   * and of all before.
   */
  boolean runs(CudaVersion runtime) {
    return major() >= runtime.major();
  }

  @Override
  public String toString() {
    return major() + "." + number % 1000 / 10;
  }
}
