package io.t2v.gpucheck;

/**
 * Something to find out.
 *
 * @param name by which it is chosen
 * @param about what it finds out, in a line
 * @param work finds it out
 */
public record Check(String name, String about, Work work) {
  /** What a check does. */
  @FunctionalInterface
  public interface Work {
    /**
     * Finds out. What it throws is a failure, and so is a bar that does not hold.
     *
     * @param findings takes figures and bars
     * @throws Exception whatever breaks
     */
    void run(Findings findings) throws Exception;
  }

  /**
   * Tells whether a name on the command line means this check: its own, or that of its group.
   *
   * @param wanted such as {@code parity-float16}, or {@code parity} for all of them
   * @return true if it does
   */
  public boolean isMeantBy(String wanted) {
    return name.equals(wanted) || name.startsWith(wanted + "-");
  }
}
