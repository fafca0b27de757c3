package io.t2v;

/**
 * libtorch failed where it should not: a defect of this library, of a plug-in, or of the device.
 * The message is one line; libtorch's own exception, with its C++ stack frames, is the cause. The
 * pipeline stays usable, unless the device itself has failed.
 */
public final class ComputeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  ComputeException(String message, Throwable cause) {
    super(message, cause);
  }
}
