package io.t2v.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A file that a video was made with, as its record describes it. It is known by its content:
 * another one under its name makes another video.
 *
 * @param record with its path as {@code file}, its digest as {@code sha256}, and what else there is
 */
record RecordedFile(Map<?, ?> record) {
  /** The files that are recorded under a name; none without it. */
  static List<RecordedFile> list(Map<String, Object> properties, String name) {
    return properties.get(name) instanceof List<?> files
        ? files.stream().map(file -> of(file, name)).toList()
        : List.of();
  }

  private static RecordedFile of(Object file, String name) {
    if (file instanceof Map<?, ?> record
        && record.get("file") instanceof String
        && record.get("sha256") instanceof String) {
      return new RecordedFile(record);
    }
    throw new FailureException(
        "The video's record of its %s has %s, expected a file and its SHA-256."
            .formatted(name, file));
  }

  Path path() {
    return Path.of(String.valueOf(record.get("file")));
  }

  /**
   * Refuses another content than the recorded one.
   *
   * @param digest of the file as it is now
   * @param kind of file, for the message
   * @param option that takes such a file
   */
  void requireContent(String digest, String kind, String option) {
    String recorded = String.valueOf(record.get("sha256"));
    if (!digest.equals(recorded)) {
      throw new FailureException(
          ("The video was made with a %s whose SHA-256 is %s, but %s has another one: give that"
                  + " file, or another one, with %s.")
              .formatted(kind, recorded, path(), option));
    }
  }

  FailureException unreadable(String kind, String option, Exception cause) {
    return new FailureException(
        "The video was made with the %s %s, which cannot be read: give it with %s. %s"
            .formatted(kind, path(), option, cause.getMessage()));
  }
}
