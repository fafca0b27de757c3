package io.t2v.ffmpeg;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a writer. Copied with each change, and never changed once it is shared. */
final class WriterOptions {
  static final double KEY_FRAME_SECONDS = 2;

  @Nullable VideoEncoder encoder; // none: the format's first
  boolean prefersHardware;
  @Nullable Integer quality; // none: the default
  long bitRate; // 0: a quality
  @Nullable Double framesPerSecond; // none: the video's own
  double keyFrameSeconds = KEY_FRAME_SECONDS;
  @Nullable PictureSize size; // none: the video's own
  ScalingFilter filter = ScalingFilter.LANCZOS;
  int loops; // 0: for ever
  double stillSeconds;
  boolean recordsSettings = true;
  boolean replaces = true;

  WriterOptions with(Consumer<WriterOptions> change) {
    WriterOptions copy = new WriterOptions();
    copy.encoder = encoder;
    copy.prefersHardware = prefersHardware;
    copy.quality = quality;
    copy.bitRate = bitRate;
    copy.framesPerSecond = framesPerSecond;
    copy.keyFrameSeconds = keyFrameSeconds;
    copy.size = size;
    copy.filter = filter;
    copy.loops = loops;
    copy.stillSeconds = stillSeconds;
    copy.recordsSettings = recordsSettings;
    copy.replaces = replaces;
    change.accept(copy);
    return copy;
  }
}
