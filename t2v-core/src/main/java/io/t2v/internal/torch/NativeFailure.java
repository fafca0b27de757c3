package io.t2v.internal.torch;

import java.util.Optional;

/** Recognises exceptions that libtorch's C++ code, or JavaCPP's glue for it, threw. */
public final class NativeFailure {
  private static final String FRAMES = "Exception raised from ";

  private NativeFailure() {}

  /**
   * Tells whether an exception comes from native code.
   *
   * @param failure any
   * @return what libtorch says, in one line and without its stack frames; empty for all other
   *     exceptions
   */
  public static Optional<String> text(RuntimeException failure) {
    String message = failure.getMessage();
    if (message == null) {
      return Optional.empty();
    }
    boolean libtorch = failure.getClass() == RuntimeException.class && message.contains(FRAMES);
    boolean nullPointer =
        failure.getClass() == NullPointerException.class
            && (message.startsWith("This pointer address is NULL")
                || message.startsWith("Pointer address of argument"));
    return libtorch || nullPointer ? Optional.of(withoutFrames(message)) : Optional.empty();
  }

  /** One line, up to the C++ stack frames. */
  static String withoutFrames(String message) {
    int frames = message.indexOf(FRAMES);
    String text = frames < 0 ? message : message.substring(0, frames);
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
