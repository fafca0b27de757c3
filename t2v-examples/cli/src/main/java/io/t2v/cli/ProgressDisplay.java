package io.t2v.cli;

import io.t2v.Preview;
import io.t2v.Progress;
import io.t2v.ProgressListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Shows on stderr how far a command is. Used by one thread at a time. */
interface ProgressDisplay extends AutoCloseable {
  /**
   * Shows where the command is.
   *
   * @param fraction from 0 to 1
   * @param what is being done
   */
  void show(double fraction, String what);

  /**
   * Shows where the command is, and when it ends.
   *
   * @param fraction from 0 to 1
   * @param what is being done
   * @param timeLeft empty if it is only known from the fraction
   */
  default void show(double fraction, String what, Optional<Duration> timeLeft) {
    show(fraction, what);
  }

  /**
   * Shows what has come of a video so far.
   *
   * @param preview of one or several videos, of which the first is shown
   */
  default void show(Preview preview) {}

  /** Leaves the terminal to other output, at the beginning of an empty line. */
  default void giveWay() {}

  /**
   * Takes note of a file that was written.
   *
   * @param video which of the command's videos it holds, from 0
   * @param file its name
   */
  default void written(int video, Path file) {}

  /** Shows a generation within a command that makes several. */
  default ProgressListener partOf(int index, int count) {
    String prefix = count == 1 ? "" : "video " + (index + 1) + "/" + count + ", ";
    return progress -> {
      boolean last = index == count - 1;
      show(
          (index + progress.fraction()) / count,
          prefix + describe(progress),
          last ? progress.timeLeft() : Optional.empty());
      progress.preview().ifPresent(this::show);
    };
  }

  @Override
  default void close() {
    giveWay();
  }

  private static String describe(Progress progress) {
    return switch (progress.phase()) {
      case ENCODE_TEXT -> "reading the text";
      case ENCODE_IMAGE -> "encoding frame " + progress.done() + "/" + progress.total();
      case PREPARE_DENOISER -> "loading";
      case DENOISE -> "step " + progress.done() + "/" + progress.total();
      case DECODE -> "frame " + progress.done() + "/" + progress.total();
    };
  }
}
