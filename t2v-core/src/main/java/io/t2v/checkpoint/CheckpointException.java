package io.t2v.checkpoint;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A checkpoint is missing, damaged, or not of a kind that this library reads. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  /**
   * Says what is wrong.
   *
   * @param message names the file, what was found, what was expected, and the cure
   */
  public CheckpointException(String message) {
    super(printable(message));
  }

  /**
   * Says what is wrong, and why.
   *
   * @param message names the file, what was found, what was expected, and the cure
   * @param cause what was thrown, or null
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(printable(message), cause);
  }

  /** Names come from files of anybody's making: none of them may move a terminal's cursor. */
  private static String printable(String message) {
    return INVISIBLE
        .matcher(message)
        .replaceAll(found -> "\\\\u%04x".formatted(found.group().codePointAt(0)));
  }
}
