package io.t2v.internal.torch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognises exceptions that libtorch's C++ code, or JavaCPP's glue for it, threw. */
public final class NativeFailure {
  /** How libtorch's kinds of exceptions begin what was called when. */
  private static final Pattern FRAMES =
      Pattern.compile("Exception raised from |frame #0: |C\\+\\+ CapturedTraceback:");

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
    boolean libtorch =
        failure.getClass() == RuntimeException.class && FRAMES.matcher(message).find();
    boolean nullPointer =
        failure.getClass() == NullPointerException.class
            && (message.startsWith("This pointer address is NULL")
                || message.startsWith("Pointer address of argument"));
    return libtorch || nullPointer ? Optional.of(withoutFrames(message)) : Optional.empty();
  }

  /** One line, up to the C++ stack frames. */
  static String withoutFrames(String message) {
    Matcher frames = FRAMES.matcher(message);
    String text = frames.find() ? message.substring(0, frames.start()) : message;
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
