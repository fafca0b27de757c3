package io.t2v.torch;

import io.t2v.DeviceUnavailableException;
import io.t2v.device.Device;

/** Finds the device that a user asks for. */
public final class Devices {
  private Devices() {}

  /**
   * Finds a device, before anything is loaded for it.
   *
   * @param wanted may be {@link Device#auto}
   * @return a device that is there
   * @throws DeviceUnavailableException if it is not there; the message says why, and the cure
   */
  public static Device resolve(Device wanted) {
    return switch (wanted.kind()) {
      case AUTO, CPU -> Device.cpu();
      case CUDA, MPS -> throw new DeviceUnavailableException(wanted + " is not there");
    };
  }
}
