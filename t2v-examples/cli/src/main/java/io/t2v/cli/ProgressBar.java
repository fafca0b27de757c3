package io.t2v.cli;

import io.t2v.Preview;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One line of a terminal that is drawn over again and again, and below it a picture where there are
 * previews. Before other output the line is removed; a picture stays above that output.
 */
final class ProgressBar implements ProgressDisplay {
  private static final int WIDTH = 20;
  private static final int PICTURE_COLUMNS = 48;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final String task;
  private final PrintWriter err;
  private final int columns;
  private final TimeLeft timeLeft;
  private String shown = "";
  private int linesBelow;

  /**
   * Makes a bar; nothing is drawn yet.
   *
   * @param task what stands before it
   * @param err a terminal
   * @param columns its width
   * @param nanoTime a clock, for the time left
   */
  ProgressBar(String task, PrintWriter err, int columns, LongSupplier nanoTime) {
    this.task = task;
    this.err = err;
    this.columns = columns;
    this.timeLeft = new TimeLeft(nanoTime);
  }

  @Override
  public void show(double fraction, String what) {
    show(fraction, what, Optional.empty());
  }

  @Override
  public void show(double fraction, String what, Optional<Duration> left) {
    int full = (int) (Math.min(1, fraction) * WIDTH);
    String text =
        String.format(
            Locale.ROOT,
            "%s [%s%s] %3.0f %%, %s%s",
            task,
            "=".repeat(full),
            " ".repeat(WIDTH - full),
            100 * fraction,
            what,
            left.map(TimeLeft::describe).orElseGet(() -> timeLeft.describe(fraction)));
    // A line that fills the last column would be continued on the next one.
    String line = text.substring(0, Math.min(text.length(), columns - 1));
    if (!line.equals(shown)) {
      err.print(CLEAR_LINE + line);
      err.flush();
      shown = line;
    }
  }

  @Override
  public void show(Preview preview) {
    int width = Math.min(PICTURE_COLUMNS, columns - 1);
    String[] lines = TerminalPicture.draw(preview.videos().get(0), width);
    for (String line : lines) {
      err.print("\n" + CLEAR_LINE + line);
    }
    err.printf("\u001b[%sA\r%s", lines.length, shown); // back up to the line
    err.flush();
    linesBelow = Math.max(linesBelow, lines.length);
  }

  @Override
  public void giveWay() {
    if (!shown.isEmpty() || linesBelow > 0) {
      err.print(CLEAR_LINE);
    }
    if (linesBelow > 0) {
      err.print("\n".repeat(linesBelow + 1));
    }
    err.flush();
    shown = "";
    linesBelow = 0;
  }
}
