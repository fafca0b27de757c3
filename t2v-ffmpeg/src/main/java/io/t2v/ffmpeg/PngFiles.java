package io.t2v.ffmpeg;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** A folder with a file for each picture: frame-0001.png and so on. */
final class PngFiles implements Muxer {
  private final AtomicFolder folder;
  private final Optional<XmpPacket> xmp;
  private int count;

  PngFiles(AtomicFolder folder, Optional<FileRecord> about) {
    this.folder = folder;
    this.xmp = about.map(FileRecord::xmp);
  }

  @Override
  public boolean wantsGlobalHeader() {
    return false;
  }

  @Override
  public void begin(AVCodecContext encoder, FrameRate rate) {}

  @Override
  public void write(AVPacket packet, AVCodecContext encoder) throws IOException {
    byte[] png = new byte[packet.size()];
    packet.data().get(png);
    Path file = folder.temporary().resolve("frame-%04d.png".formatted(++count));
    try (ByteSource written = ByteSource.of(png);
        OutputStream out = Files.newOutputStream(file)) {
      PngText.edit(written, xmp).write(written, out);
    }
  }

  @Override
  public void finish() throws IOException {
    folder.commit();
  }

  @Override
  public void close() {
    folder.close();
  }
}
