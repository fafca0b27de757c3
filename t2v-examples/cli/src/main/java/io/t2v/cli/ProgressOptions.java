package io.t2v.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Options that say how progress is shown. */
final class ProgressOptions {
  /** Ways to show progress, as they are typed. */
  enum Style {
    AUTO,
    BAR,
    LINES,
    JSON,
    NONE
  }

  @Option(
      names = "--progress",
      paramLabel = "STYLE",
      description = {
        "How progress is shown on stderr: ${COMPLETION-CANDIDATES}. auto: a bar on a terminal,"
            + " otherwise a line every tenth; json: an object a line, for programs. Default: auto."
      })
  private Style style = Style.AUTO;

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not show progress; the same as --progress none.")
  private boolean quiet;

  boolean showsPictures(StandardStreams streams) {
    return !quiet && (style == Style.AUTO || style == Style.BAR) && streams.showsPictures();
  }

  /** Makes the display that was chosen. */
  ProgressDisplay open(String task, StandardStreams streams, PrintWriter err) {
    return switch (chosen(streams)) {
      case NONE -> (fraction, what) -> {};
      case BAR -> new ProgressBar(task, err, streams.columns(), System::nanoTime);
      case JSON -> new ProgressEvents(task, err);
      case LINES, AUTO -> new ProgressLines(task, err);
    };
  }

  private Style chosen(StandardStreams streams) {
    if (quiet) {
      return Style.NONE;
    }
    return style != Style.AUTO ? style : streams.errIsTerminal() ? Style.BAR : Style.LINES;
  }
}
