package io.t2v.device;

/** A device was asked for that this process cannot compute on. The message names the cure. */
public final class DeviceUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is missing.
   *
   * @param message the device, what was found instead, and what to do
   */
  public DeviceUnavailableException(String message) {
    super(message);
  }
}
