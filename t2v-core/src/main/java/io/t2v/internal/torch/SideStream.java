package io.t2v.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.device.ComputeDevice;
import java.util.function.Supplier;

/**
 * A second queue of work for a device, beside the one that computes: what is brought here is copied
 * while the device computes something else.
 *
 * <p>Safe for use by many threads, each with a computing stream of its own.
 */
public interface SideStream {
  /**
   * Brings something to the device: all that the work asks of the device goes to this stream. Does
   * not wait for it.
   *
   * @param <T> what is brought
   * @param pool which belongs to what is brought, and keeps a note of its arrival as well
   * @param work makes it
   * @return where to wait for it
   */
  <T> Arrival<T> bring(NativePool pool, Supplier<T> work);

  /**
   * Lets whatever is brought from now on come after all that this thread has asked of the device so
   * far. To be called before memory is freed that was brought and used.
   */
  void followUsers();

  /**
   * Tells whether it is worth while to bring something before it is needed.
   *
   * @return false if whoever brings something waits for it
   */
  boolean overlaps();

  /**
   * Something on its way.
   *
   * @param <T> what is brought
   */
  @FunctionalInterface
  interface Arrival<T> {
    /**
     * Lets all that this thread asks of the device from now on come after the arrival. The thread
     * itself does not wait.
     *
     * @return what was brought
     */
    T await();
  }

  /**
   * No second stream: everything happens where and when it is asked for.
   *
   * @return a stream for any device
   */
  static SideStream none() {
    return SingleStream.INSTANCE;
  }

  /**
   * Finds a side stream.
   *
   * @param device with memory of its own
   * @return a stream of its own, made when it is first used
   * @throws IllegalArgumentException if the device computes in the processor's memory
   */
  static SideStream of(ComputeDevice device) {
    checkArgument(
        device.kind() == ComputeDevice.Kind.CUDA,
        "streaming is for devices with memory of their own, and %s has none; disk() reads"
            + " layers from the files instead",
        device);
    return new CudaSideStream(device);
  }
}
