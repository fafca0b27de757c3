package io.t2v.ffmpeg;

import io.t2v.internal.io.AtomicFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Writes a folder with a file for each frame: frame-0001.png and so on. */
final class PngFolderMuxer implements Muxer {
  private final AtomicFolder folder;
  private final Path place;
  private final boolean replaces;
  private final Optional<XmpPacket> xmp;
  private int count;

  /**
   * Makes an empty folder.
   *
   * @param place its path, as it was given
   * @param replaces false for a free name beside it if files have appeared there at the end
   */
  PngFolderMuxer(AtomicFolder folder, Path place, boolean replaces, Optional<FileRecord> about) {
    this.folder = folder;
    this.place = place;
    this.replaces = replaces;
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
    Path file = folder.temporary().resolve(String.format(Locale.ROOT, "frame-%04d.png", ++count));
    ByteSource written = new NativeBytes(packet.data(), packet.size());
    try (OutputStream out = Files.newOutputStream(file)) {
      PngXmp.edit(written, xmp).write(written, out);
    }
  }

  @Override
  public Optional<Path> finish() throws IOException {
    if (!replaces) {
      return Optional.of(folder.commitWithoutReplacing());
    }
    folder.commit();
    return Optional.of(place);
  }

  @Override
  public void close() {
    folder.close();
  }
}
