package io.t2v.ffmpeg;

import io.t2v.VideoInfo;
import io.t2v.internal.io.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The settings that a {@link VideoWriter} put into a file: with what a video was made, so that it
 * can be made again.
 *
 * <p>In every format they lie in an XMP packet, which is found without FFmpeg. Programs that copy
 * the pictures alone into a new file lose it; where they keep the comment of MP4, QuickTime, WebM
 * or Matroska, {@link VideoReader} still finds the settings there.
 */
public final class VideoSettings {
  private VideoSettings() {}

  /**
   * Reads the settings.
   *
   * @param file a video or picture, or a folder of pictures, of which the first is looked at
   * @return size, rate and origin of the video as it was made; empty if the file says nothing
   * @throws VideoReadException if the file cannot be read, or its settings are damaged
   */
  public static Optional<VideoInfo> read(Path file) throws VideoReadException {
    try {
      return find(file);
    } catch (NoSuchFileException e) {
      throw new VideoReadException("cannot read " + file + ": there is no such file", e);
    } catch (VideoReadException e) {
      throw e;
    } catch (IOException e) {
      throw new VideoReadException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  private static Optional<VideoInfo> find(Path file) throws IOException {
    if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
      throw new VideoReadException("cannot read " + file + ": it is no file");
    }
    Path first = Files.isDirectory(file) ? PictureFolder.list(file).get(0) : file;
    try (ByteSource source = ByteSource.open(first)) {
      Optional<XmpPacket> packet = XmpPacket.find(source);
      Optional<String> settings = packet.flatMap(XmpPacket::settings);
      return settings.isPresent() ? FileRecord.parse(settings.get()) : Optional.empty();
    }
  }
}
