package io.t2v.modelscope;

import io.t2v.Video;
import java.io.IOException;

/** Makes a file of a video. */
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
