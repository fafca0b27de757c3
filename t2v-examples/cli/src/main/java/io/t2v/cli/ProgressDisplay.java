package io.t2v.cli;

import io.t2v.Preview;
import io.t2v.Progress;
import io.t2v.ProgressListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystems;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on stderr how far a command is: a bar on a terminal, otherwise a line every tenth. */
interface ProgressDisplay extends AutoCloseable {
  /**
   * Shows where the command is.
   *
   * @param fraction from 0 to 1
   * @param what is being done
   */
  void show(double fraction, String what);

  @Override
  void close();

  /** Makes the display that suits stderr. */
  static ProgressDisplay open(String task, boolean quiet, PrintWriter err) {
    if (quiet) {
      return new Silence();
    }
    return isTerminal() ? new Bar(task) : new Lines(task, err);
  }

  /**
   * Shows what has come of a video so far.
   *
   * @param preview of one or several videos, of which the first is shown
   */
  default void show(Preview preview) {}

  /** The part of a generation in a command that makes several. */
  default ProgressListener partOf(int index, int count) {
    String prefix = count == 1 ? "" : "video " + (index + 1) + "/" + count + ", ";
    return progress -> {
      show((index + progress.fraction()) / count, prefix + describe(progress));
      progress.preview().ifPresent(this::show);
    };
  }

  /** Makes a display with pictures, for a terminal that shows them. */
  static ProgressDisplay withPictures(String task, PrintWriter err) {
    return new Pictures(task, err);
  }

  /** Tells whether stderr is a terminal that shows 24-bit colours. */
  static boolean canShowPictures() {
    return isTerminal() && TerminalPicture.isShownBy(System.getenv().getOrDefault("COLORTERM", ""));
  }

  private static String describe(Progress progress) {
    return switch (progress.phase()) {
      case ENCODE_TEXT -> "reading the text";
      case PREPARE_DENOISER -> "loading";
      case DENOISE -> "step " + progress.done() + "/" + progress.total();
      case DECODE -> "frame " + progress.done() + "/" + progress.total();
    };
  }

  /**
   * Java knows of stdin and stdout alone, and from JDK 22 on not even of these. POSIX systems have
   * a program that tells; elsewhere stderr gets lines, which are right everywhere.
   */
  @SuppressWarnings("SystemConsoleNull") // on Windows alone, where there is nothing better to ask
  private static boolean isTerminal() {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    if (!posix || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      Process test = new ProcessBuilder("test", "-t", "2").inheritIO().start();
      return test.waitFor(1, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Shows nothing. */
  final class Silence implements ProgressDisplay {
    @Override
    public void show(double fraction, String what) {}

    @Override
    public void close() {}
  }

  /** A bar that is drawn again and again in one line. */
  final class Bar implements ProgressDisplay {
    private static final int RESOLUTION = 1000;

    private final ProgressBar bar;

    Bar(String task) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(RESOLUTION)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(100)
              .setUnit("", RESOLUTION)
              .build();
    }

    @Override
    public void show(double fraction, String what) {
      bar.stepTo(Math.round(fraction * RESOLUTION));
      bar.setExtraMessage(" " + what);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  /** A line, and below it a picture that is drawn over the last one. */
  final class Pictures implements ProgressDisplay {
    private static final int COLUMNS = 48;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final String task;
    private final PrintWriter err;
    private int linesBelow;

    Pictures(String task, PrintWriter err) {
      this.task = task;
      this.err = err;
    }

    @Override
    public void show(double fraction, String what) {
      err.printf("%s%s: %3.0f %%, %s", CLEAR_LINE, task, 100 * fraction, what);
      err.flush();
    }

    @Override
    public void show(Preview preview) {
      String[] lines = TerminalPicture.draw(preview.videos().get(0), COLUMNS);
      for (String line : lines) {
        err.print("\n" + CLEAR_LINE + line);
      }
      linesBelow = Math.max(linesBelow, lines.length);
      err.printf("\u001b[%dA", lines.length); // back up to the line
      err.flush();
    }

    @Override
    public void close() {
      err.print("\n".repeat(linesBelow + 1));
      err.flush();
    }
  }

  /** Lines for logs. */
  final class Lines implements ProgressDisplay {
    private final String task;
    private final PrintWriter err;
    private int shown = -1;

    Lines(String task, PrintWriter err) {
      this.task = task;
      this.err = err;
    }

    @Override
    public void show(double fraction, String what) {
      int tenths = (int) (fraction * 10);
      if (tenths > shown) {
        shown = tenths;
        err.printf("%s: %d %%, %s%n", task, tenths * 10, what);
        err.flush();
      }
    }

    @Override
    public void close() {}
  }
}
