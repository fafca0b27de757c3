package io.t2v.device;

import com.google.common.base.Throwables;
import org.bytedeco.javacpp.Loader;

/** The native libraries of a preset are not on the class path, or do not load on this machine. */
public final class MissingNativesException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Says which dependency to add.
   *
   * @param library what was to be loaded, for people
   * @param artifact the preset's artifact in the group {@code org.bytedeco}
   * @param cause what the loader said
   */
  public MissingNativesException(String library, String artifact, Throwable cause) {
    super(
        "Could not load "
            + library
            + " for this machine ("
            + platform()
            + "): "
            + reason(cause)
            + ". Add the natives to the class path: org.bytedeco:"
            + artifact
            + ", org.bytedeco:openblas and org.bytedeco:javacpp, each with the classifier "
            + platform()
            + " and the version of its API jar (or the -platform artifacts for all machines).",
        cause);
  }

  /** The loader says what it looked for, and its first cause which library that one lacks. */
  private static String reason(Throwable cause) {
    Throwable first = Throwables.getRootCause(cause);
    return first == cause
        ? String.valueOf(cause.getMessage())
        : cause.getMessage() + ": " + first.getMessage();
  }

  private static String platform() {
    return Loader.Detector.getPlatform();
  }
}
