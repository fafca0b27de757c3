package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avformat.avio_open2;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Writes into a file of the default file system, without holding it in memory. */
final class FileOutput implements Output {
  private final Path file;
  private final AVIOContext stream = new AVIOContext((Pointer) null);

  FileOutput(Path file) throws FfmpegException {
    this.file = file;
    try (BytePointer url = Ffmpeg.utf8("file:" + file)) {
      Ffmpeg.check(
          avio_open2(stream, url, AVIO_FLAG_WRITE, (AVIOInterruptCB) null, (AVDictionary) null),
          "open " + file);
    }
  }

  @Override
  public AVIOContext stream() {
    return stream;
  }

  @Override
  public ByteSource finish() throws FfmpegException, IOException {
    avio_flush(stream);
    int error = stream.error();
    int closing = avio_closep(stream);
    Ffmpeg.check(error, "write");
    Ffmpeg.check(closing, "write");
    return ByteSource.open(file);
  }

  @Override
  public void close() {
    if (!stream.isNull()) {
      avio_closep(stream);
    }
  }
}
