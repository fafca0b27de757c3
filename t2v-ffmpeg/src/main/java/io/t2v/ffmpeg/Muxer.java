package io.t2v.ffmpeg;

import java.io.IOException;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Puts encoded pictures into one file, or into several. For one thread at a time. */
interface Muxer extends AutoCloseable {
  /** Tells whether the parameters of the stream belong into the file's own header. */
  boolean wantsGlobalHeader();

  /** Takes note of what the encoder makes, and writes what comes before the pictures. */
  void begin(AVCodecContext encoder, FrameRate rate) throws FfmpegException;

  /** Writes one packet, whose times are in the encoder's time base. */
  void write(AVPacket packet, AVCodecContext encoder) throws FfmpegException, IOException;

  /** Writes what comes behind the pictures, and gives the result its name. */
  void finish() throws FfmpegException, IOException;

  @Override
  void close();
}
