package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.MissingNativesException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Finds the device that a user asks for. */
public final class Devices {
  private static final Logger LOGGER = System.getLogger(Devices.class.getName());

  private Devices() {}

  /**
   * Finds a device, before anything is loaded for it.
   *
   * <p>{@link ComputeDevice#auto} takes the CUDA device with the most free memory, or the CPU where
   * there is none that libtorch computes on, and logs its choice with the reason. It does not take
   * {@link ComputeDevice#mps}, on which nothing has been tried yet.
   *
   * @param wanted any
   * @return a device that is there
   * @throws DeviceUnavailableException if it is not there; the message says why, and the cure
   * @throws MissingNativesException if anything but the CPU is asked for, and libtorch's natives
   *     are not on the class path
   */
  public static ComputeDevice resolve(ComputeDevice wanted) {
    if (wanted.isCpu()) {
      return wanted;
    }
    DeviceChoice choice =
        DeviceChoice.of(wanted, DeviceProbe.gather(), index -> CudaDriver.freeBytes(index));
    if (wanted.kind() == ComputeDevice.Kind.AUTO) {
      LOGGER.log(Level.INFO, "Device auto is {0}: {1}", choice.device(), choice.reason());
    }
    return choice.device();
  }
}
