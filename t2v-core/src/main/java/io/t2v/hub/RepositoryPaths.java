package io.t2v.hub;

import java.util.regex.Pattern;

/** Checks names that come from a hub before they become paths on this machine. */
final class RepositoryPaths {
  /** Besides control characters, those that mean something to Windows. */
  private static final Pattern UNSAFE = Pattern.compile("[\\x00-\\x1f\\\\:*?\"<>|]");

  private RepositoryPaths() {}

  /** Whether a path is relative, stays inside its folder, and means the same on every system. */
  static boolean isSafe(String path) {
    if (path.isEmpty() || UNSAFE.matcher(path).find()) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes a file's name from a hub's answer.
   *
   * @throws HubException if it is no string, or leads out of its folder
   */
  static String require(Object name, String model) {
    if (name instanceof String path && isSafe(path)) {
      return path;
    }
    throw new HubException(
        "The hub lists a file named "
            + name
            + " in "
            + model
            + ", which is no path inside a folder: nothing of this model is downloaded.");
  }
}
