package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Size, length, frame rate and provenance of a video, known before its first frame is decoded.
 *
 * @param width of a frame in pixels, at least 1
 * @param height of a frame in pixels, at least 1
 * @param frames how many there are, at least 1
 * @param framesPerSecond finite and above 0
 * @param provenance how the frames come about; without the time that decoding them will take
 */
public record VideoInfo(
    int width, int height, int frames, double framesPerSecond, Provenance provenance) {
  /**
   * Checks the numbers.
   *
   * @param width of a frame in pixels, at least 1
   * @param height of a frame in pixels, at least 1
   * @param frames how many there are, at least 1
   * @param framesPerSecond finite and above 0
   * @param provenance how the frames come about
   * @throws IllegalArgumentException if a number is out of range
   */
  public VideoInfo {
    checkArgument(width > 0, "width is %s, expected at least 1", width);
    checkArgument(height > 0, "height is %s, expected at least 1", height);
    checkArgument(frames > 0, "frames is %s, expected at least 1", frames);
    Video.checkFrameRate(framesPerSecond);
  }

  /**
   * Describes a video.
   *
   * @param video any
   * @return its description
   */
  public static VideoInfo of(Video video) {
    return new VideoInfo(
        video.width(),
        video.height(),
        video.frameCount(),
        video.framesPerSecond(),
        video.provenance());
  }
}
