package io.t2v.cli;

import java.io.PrintWriter;

/** A line every tenth, for logs. */
final class ProgressLines implements ProgressDisplay {
  private final String task;
  private final PrintWriter err;
  private int shown = -1;

  ProgressLines(String task, PrintWriter err) {
    this.task = task;
    this.err = err;
  }

  @Override
  public void show(double fraction, String what) {
    int tenths = (int) (fraction * 10);
    if (tenths > shown) {
      shown = tenths;
      err.printf("%s: %s %%, %s%n", task, tenths * 10, what);
      err.flush();
    }
  }
}
