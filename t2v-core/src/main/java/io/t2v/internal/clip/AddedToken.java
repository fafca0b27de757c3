package io.t2v.internal.clip;

/**
 * A token that is looked for in the text before anything is cut into words.
 *
 * @param content the text of the token
 * @param normalized whether it is found in normalized text (so that capitals do not matter) or only
 *     as it is written
 * @param singleWord whether it counts only where no letter or digit touches it
 * @param stripLeft whether it swallows white space before it
 * @param stripRight whether it swallows white space after it
 */
record AddedToken(
    String content, boolean normalized, boolean singleWord, boolean stripLeft, boolean stripRight) {

  /** A special token that a file gives by its text alone: found exactly as it is written. */
  static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false);
  }
}
