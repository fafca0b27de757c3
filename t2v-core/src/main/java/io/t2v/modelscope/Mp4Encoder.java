package io.t2v.modelscope;

import io.t2v.Video;
import java.io.IOException;

/** Encodes a video as an MP4 file. */
@FunctionalInterface
public interface Mp4Encoder {
  /**
   * Encodes a video.
   *
   * @param video the frames
   * @return the whole file
   * @throws IOException if it cannot be encoded
   */
  byte[] encode(Video video) throws IOException;
}
