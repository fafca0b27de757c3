package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Writes encoded frames into one file, or into a file each. For one thread at a time. */
interface Muxer extends AutoCloseable {
  /** Returns whether the stream's parameters belong into the file's header. */
  boolean wantsGlobalHeader();

  /** Copies the stream's parameters from the opened encoder, and writes the header. */
  void begin(AVCodecContext encoder, FrameRate rate) throws FfmpegException;

  /** Writes one packet, whose times are in the encoder's time base. */
  void write(AVPacket packet, AVCodecContext encoder) throws FfmpegException, IOException;

  /**
   * Writes what follows the last frame, and puts the file into its place.
   *
   * @return where it is, if that is a path
   */
  Optional<Path> finish() throws FfmpegException, IOException;

  @Override
  void close();
}
