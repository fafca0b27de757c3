package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.pipeline.WindowPlan;
import java.util.Map;

/**
 * How a long video is computed: in windows of a length that the model was trained on, which
 * overlap. In every step each window is predicted by itself and the predictions are averaged where
 * windows overlap; then the scheduler steps once, on the whole video.
 *
 * <pre>{@code
 * GenerationRequest.builder("a boat on a lake").frames(200)
 *     .window(FrameWindow.of(16).overlap(4)).build();
 * }</pre>
 *
 * <p>A step costs as many network calls as there are windows, about {@code frames / (length -
 * overlap)}. The network takes the memory of one window. A window that is as long as the video, or
 * longer, changes nothing, unless it loops.
 *
 * <p>Immutable: each method returns a changed copy.
 *
 * @param length frames of a window, at least 1; the published model was trained on 16
 * @param overlap frames that neighbouring windows share, 0 to {@code length - 1}; more make softer
 *     transitions and take more time
 * @param weights how predictions of overlapping windows are averaged
 * @param shiftEachStep whether the windows move from step to step, so that seams do not stay on the
 *     same frames; where they are follows from the number of the step alone
 * @param loop whether the first frame follows the last one, so that the video can be repeated
 *     without a seam; windows then move from step to step in any case
 * @param correlatedNoise whether the video starts from the noise of its first window, repeated with
 *     frames shuffled within each stretch of {@code length - overlap}, instead of from fresh noise
 *     for every frame: distant frames then look alike. The shuffle follows from the video's seed.
 *     From <a href="https://arxiv.org/abs/2310.15169">FreeNoise</a>
 */
public record FrameWindow(
    int length,
    int overlap,
    Weights weights,
    boolean shiftEachStep,
    boolean loop,
    boolean correlatedNoise) {
  /** How much a frame's prediction counts, by its place in the window. */
  public enum Weights {
    /** All places count the same. */
    FLAT,
    /** 1, 2, 3 and on up to the middle of the window, and down again: ends see little context. */
    PYRAMID
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if {@code length} is below 1, or {@code overlap} not 0 to
   *     {@code length - 1}
   */
  public FrameWindow {
    checkArgument(length >= 1, "the length of a window is %s, expected at least 1", length);
    checkArgument(
        overlap >= 0 && overlap < length,
        "the overlap of windows is %s, expected 0 to %s, less than their length",
        overlap,
        length - 1);
  }

  /**
   * Makes a window of which neighbours share a quarter, with {@link Weights#PYRAMID}; it neither
   * moves nor loops, and noise is not correlated.
   *
   * @param length in frames, at least 1
   * @return the window
   * @throws IllegalArgumentException if it is below 1
   */
  public static FrameWindow of(int length) {
    return new FrameWindow(length, length / 4, Weights.PYRAMID, false, false, false);
  }

  /**
   * Changes the overlap.
   *
   * @param frames that neighbouring windows share, 0 to {@code length - 1}
   * @return the changed window
   * @throws IllegalArgumentException if it is out of range
   */
  public FrameWindow overlap(int frames) {
    return new FrameWindow(length, frames, weights, shiftEachStep, loop, correlatedNoise);
  }

  /**
   * Changes how predictions are averaged.
   *
   * @param choice flat or pyramid
   * @return the changed window
   */
  public FrameWindow weights(Weights choice) {
    return new FrameWindow(length, overlap, choice, shiftEachStep, loop, correlatedNoise);
  }

  /**
   * Changes whether windows move from step to step.
   *
   * @param shift whether they do
   * @return the changed window
   */
  public FrameWindow shiftEachStep(boolean shift) {
    return new FrameWindow(length, overlap, weights, shift, loop, correlatedNoise);
  }

  /**
   * Changes whether the first frame follows the last one.
   *
   * @param closed whether it does
   * @return the changed window
   */
  public FrameWindow loop(boolean closed) {
    return new FrameWindow(length, overlap, weights, shiftEachStep, closed, correlatedNoise);
  }

  /**
   * Changes which noise the video starts from.
   *
   * @param correlated whether that of the first window is repeated
   * @return the changed window
   */
  public FrameWindow correlatedNoise(boolean correlated) {
    return new FrameWindow(length, overlap, weights, shiftEachStep, loop, correlated);
  }

  WindowPlan plan(int frames) {
    return new WindowPlan(
        frames, length, overlap, weights == Weights.PYRAMID, shiftEachStep || loop, loop);
  }

  /** As plain values, under the names of the record. */
  Map<String, Object> toProperties() {
    return ImmutableMap.of(
        "length", length,
        "overlap", overlap,
        "weights", weights.name(),
        "shiftEachStep", shiftEachStep,
        "loop", loop,
        "correlatedNoise", correlatedNoise);
  }
}
