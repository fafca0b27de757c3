package io.t2v.ffmpeg;

import org.jspecify.annotations.Nullable;

/** What a {@link VideoReader} was told. Changed only while a copy is made. */
final class ReadOptions {
  @Nullable PictureSize size; // none: each file's own
  Fit fit = Fit.STRETCH;
  ScalingFilter filter = ScalingFilter.LANCZOS;
  boolean squarePixels;
  @Nullable Double framesPerSecond; // none: each file's own
  int frames = Integer.MAX_VALUE;
  double from;
  double to = Double.POSITIVE_INFINITY;
  long memoryLimit = VideoReader.DEFAULT_MEMORY_LIMIT;

  ReadOptions copy() {
    ReadOptions copy = new ReadOptions();
    copy.size = size;
    copy.fit = fit;
    copy.filter = filter;
    copy.squarePixels = squarePixels;
    copy.framesPerSecond = framesPerSecond;
    copy.frames = frames;
    copy.from = from;
    copy.to = to;
    copy.memoryLimit = memoryLimit;
    return copy;
  }

  /** Returns the rate of a picture, which has none of its own. */
  double pictureRate() {
    return framesPerSecond == null ? VideoReader.DEFAULT_FRAMES_PER_SECOND : framesPerSecond;
  }

  /** Returns the size of the frames that are kept. */
  PictureSize kept(PictureSize own) {
    return size == null ? own : size;
  }

  /** Returns the size to which a picture is scaled before it is laid on the frame. */
  PictureSize scaled(PictureSize own) throws FfmpegException {
    if (size == null) {
      return own;
    }
    PictureSize scaled = fit.scaled(own, size);
    if ((long) scaled.width() * scaled.height() > InputFile.MAX_PIXELS) {
      throw new FfmpegException(
          "a frame of " + own + " cannot be cropped to " + size + ": too long a shape");
    }
    return scaled;
  }
}
