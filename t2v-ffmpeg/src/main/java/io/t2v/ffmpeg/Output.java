package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.avio_close_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avformat.avio_open_dyn_buf;
import static org.bytedeco.ffmpeg.global.avutil.av_free;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Where the bytes of a file go. Owns the native stream; for one thread at a time. */
abstract class Output implements AutoCloseable {
  /** FFmpeg's stream; null once closed. */
  final AVIOContext stream = new AVIOContext((Pointer) null);

  /** Returns what FFmpeg calls the output by. */
  abstract String url();

  /** Tells whether FFmpeg can open what it wrote a second time, for reading. */
  abstract boolean canBeReadBack();

  /** Flushes what is buffered and closes the stream; the first error in writing shows here. */
  abstract void finish() throws FfmpegException;

  @Override
  public abstract void close();

  /** A file on disk, written from its start. */
  static final class ToFile extends Output {
    private final String url;

    ToFile(Path file) throws FfmpegException {
      // The prefix keeps a colon or a word such as "pipe" in the path from choosing a protocol.
      this.url = "file:" + file.toAbsolutePath();
      try (BytePointer name = new BytePointer(url, StandardCharsets.UTF_8)) {
        Ffmpeg.check(avio_open(stream, name, AVIO_FLAG_WRITE), "open " + file + " for writing");
      }
    }

    @Override
    String url() {
      return url;
    }

    @Override
    boolean canBeReadBack() {
      return true;
    }

    @Override
    void finish() throws FfmpegException {
      Ffmpeg.check(avio_closep(stream), "write the last bytes");
    }

    @Override
    public void close() {
      if (!stream.isNull()) {
        avio_closep(stream);
      }
    }
  }

  /** Memory that grows, up to 2 GiB. */
  static final class ToMemory extends Output {
    private byte[] bytes = {};

    ToMemory() throws FfmpegException {
      Ffmpeg.check(avio_open_dyn_buf(stream), "make a buffer in memory");
    }

    @Override
    String url() {
      return "";
    }

    @Override
    boolean canBeReadBack() {
      return false;
    }

    @Override
    void finish() throws FfmpegException {
      int error = stream.error();
      bytes = take();
      Ffmpeg.check(error, "write into memory");
    }

    /** Returns everything that was written; empty before {@link #finish}. */
    byte[] bytes() {
      return bytes;
    }

    private byte[] take() {
      BytePointer buffer = new BytePointer((Pointer) null);
      int length = avio_close_dyn_buf(stream, buffer); // frees the stream, hands out the buffer
      stream.setNull();
      try {
        byte[] copy = new byte[length];
        buffer.get(copy);
        return copy;
      } finally {
        av_free(buffer);
      }
    }

    @Override
    public void close() {
      if (!stream.isNull()) {
        take();
      }
    }
  }
}
