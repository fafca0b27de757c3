package io.t2v.ffmpeg;

import java.util.OptionalLong;

/**
 * Puts the frames of a file on one clock, which starts at 0 with the first frame and never runs
 * backwards.
 *
 * <p>Where recordings were joined end to end, the file's own times start again. They are moved, so
 * that the first frame of the next recording follows the last one of the recording before.
 */
final class FrameTimes {
  private static final double GAP = 10;

  private final double tick;
  private final double usual;
  private final boolean mayRestart;

  private double start;
  private double shift;
  private double last;
  private double lastEnd;
  private boolean hasBegun;

  /**
   * Starts a clock.
   *
   * @param tick seconds of a unit of the file's times
   * @param usual seconds from one frame to the next, for frames that do not say
   * @param mayRestart whether a leap forward of more than 10 seconds is a new recording, too
   */
  FrameTimes(double tick, double usual, boolean mayRestart) {
    this.tick = tick;
    this.usual = usual;
    this.mayRestart = mayRestart;
  }

  /**
   * Returns when a frame is shown.
   *
   * @param time in ticks, if the file says
   * @param duration in ticks, 0 if the file does not say; used where the times start again
   * @return seconds from the first frame
   */
  double next(OptionalLong time, long duration) {
    double begin = begin(time);
    last = begin;
    lastEnd = begin + (duration > 0 ? duration * tick : usual);
    hasBegun = true;
    return begin;
  }

  private double begin(OptionalLong time) {
    if (time.isEmpty()) {
      return hasBegun ? last + usual : 0;
    }
    double own = time.getAsLong() * tick;
    if (!hasBegun) {
      start = own;
      shift = -own;
      return 0;
    }
    double begin = own + shift;
    boolean backwards = begin < last - usual;
    boolean leaps = mayRestart && begin > lastEnd + GAP;
    if (backwards || leaps) {
      shift = lastEnd - own;
      return lastEnd;
    }
    return Math.max(last, begin);
  }

  /** Returns the file's own time of the first frame, in seconds. */
  double start() {
    return start;
  }

  /** Returns a time of the file, in ticks, on this clock. */
  double seconds(long time) {
    return time * tick + shift;
  }

  /** Returns where the last frame ends by its own or the usual duration. */
  double lastEnd() {
    return lastEnd;
  }
}
