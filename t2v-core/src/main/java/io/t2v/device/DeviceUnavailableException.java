package io.t2v.device;

/** This process cannot compute on the device that was asked for. The message says what to do. */
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
