package io.t2v.internal.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A text is not the JSON that was expected. The message names its origin, line and field. */
public final class JsonException extends IOException {
  private static final long serialVersionUID = 1L;

  JsonException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
