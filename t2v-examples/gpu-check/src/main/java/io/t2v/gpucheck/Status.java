package io.t2v.gpucheck;

/** What came of a check, or of one of its bars. */
public enum Status {
  /** Everything that was measured holds. */
  PASSED("passed"),
  /** Something does not hold, or broke. */
  FAILED("failed"),
  /** Nothing could be measured, for a reason that is told. */
  NOT_RUN("not run");

  private final String text;

  Status(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
