package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avformat.avio_close_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_get_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_open_dyn_buf;
import static org.bytedeco.ffmpeg.global.avutil.av_free;

import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Takes the bytes of a file, up to 2 GiB, in native memory that grows, and owns them until it is
 * closed. For one thread at a time.
 */
final class MemoryOutput implements Output {
  private final AVIOContext stream = new AVIOContext((Pointer) null);

  MemoryOutput() throws FfmpegException {
    Ffmpeg.check(avio_open_dyn_buf(stream), "make a buffer in memory");
  }

  @Override
  public AVIOContext stream() {
    return stream;
  }

  @Override
  public ByteSource finish() throws FfmpegException {
    Ffmpeg.check(stream.error(), "write into memory");
    BytePointer content = new BytePointer((Pointer) null);
    int size = avio_get_dyn_buf(stream, content);
    return new NativeBytes(content, size);
  }

  /**
   * Closing pads the buffer at the place of the last write, which is not always its end: only
   * afterwards nobody reads it.
   */
  private void free() {
    BytePointer buffer = new BytePointer((Pointer) null);
    avio_close_dyn_buf(stream, buffer); // frees the stream and hands out the buffer
    stream.setNull();
    av_free(buffer);
  }

  @Override
  public void close() {
    if (!stream.isNull()) {
      free();
    }
  }
}
