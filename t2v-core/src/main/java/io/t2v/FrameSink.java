package io.t2v;

import java.io.IOException;

/**
 * Takes the frames of a generation as they are decoded, so that a long clip is never held as a
 * whole. Called on a thread of the pipeline, while the caller waits, by one generation at a time.
 *
 * <p>The videos of a request come one after the other: {@link #begin}, {@link #frame} for each
 * frame in order, {@link #end}. When the generation fails or is stopped in between, no further call
 * comes; whoever made the sink then closes what it holds.
 */
public interface FrameSink {
  /**
   * Begins a video.
   *
   * @param clip what is known of it before its first frame
   * @throws IOException if the frames cannot be taken, which ends the generation
   */
  void begin(VideoInfo clip) throws IOException;

  /**
   * Takes the next frame.
   *
   * @param rgb {@code height × width × 3} bytes: red, green, blue, row by row from the top left.
   *     The array belongs to the sink
   * @throws IOException if the frame cannot be taken, which ends the generation
   */
  void frame(byte[] rgb) throws IOException;

  /**
   * Ends the video: all of its frames were taken.
   *
   * @throws IOException if it cannot be completed, which ends the generation
   */
  void end() throws IOException;
}
