package io.t2v;

import org.jspecify.annotations.Nullable;

/**
 * A run cannot be saved, or a saved one cannot be resumed: the file is missing, damaged or of
 * another kind, or the run belongs to another model, version or request.
 */
public final class SavedRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SavedRunException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  SavedRunException(String message) {
    this(message, null);
  }
}
