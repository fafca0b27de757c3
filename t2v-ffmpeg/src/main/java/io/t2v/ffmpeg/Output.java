package io.t2v.ffmpeg;

import java.io.IOException;
import org.bytedeco.ffmpeg.avformat.AVIOContext;

/** Takes the bytes that FFmpeg writes. Owns a native stream; for one thread at a time. */
interface Output extends AutoCloseable {
  /** Returns FFmpeg's stream, which stays this object's. */
  AVIOContext stream();

  /**
   * Ends the writing.
   *
   * @return everything that was written; valid until this is closed
   */
  ByteSource finish() throws FfmpegException, IOException;

  @Override
  void close();
}
