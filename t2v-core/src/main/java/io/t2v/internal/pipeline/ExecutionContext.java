package io.t2v.internal.pipeline;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.DeviceMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Where the generations of a pipeline compute.
 *
 * @param device a real one
 * @param threads of the processor for one generation
 * @param staysReady whether the denoiser stays on the device between generations
 */
public record ExecutionContext(ComputeDevice device, int threads, boolean staysReady) {
  private static final Logger LOGGER = System.getLogger(ExecutionContext.class.getName());

  /** To be closed by the same thread. */
  public ComputeScope open() {
    return ComputeScope.open(threads, device);
  }

  /**
   * No generation runs. A denoiser that stays is wanted again, with memory to compute in; without
   * one, others may have the memory.
   */
  public void rest() {
    if (!staysReady) {
      tidy();
    }
  }

  /**
   * Hands back what libtorch holds of the device without using it. A device that has failed cannot;
   * what it failed with is told by who noticed first.
   */
  public void tidy() {
    try {
      DeviceMemory.emptyCache(device);
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "Could not hand back the memory of " + device, e);
    }
  }
}
