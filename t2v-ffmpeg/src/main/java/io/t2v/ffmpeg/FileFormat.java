package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;

/** A kind of video file: the container and what is in it. Stateless. */
interface FileFormat {
  /** Returns the name for people, such as {@code MP4}. */
  String name();

  /** Returns FFmpeg's name of the container's writer. */
  String muxer();

  /** Returns the encoder of the pictures. */
  VideoCodec codec();

  /**
   * Sets the container's options before its header is written.
   *
   * @param muxer not started yet
   * @param rate of the frames to come
   */
  void configure(AVFormatContext muxer, FrameRate rate) throws FfmpegException;

  /**
   * Does what FFmpeg's writer leaves to be done.
   *
   * @param bytes the whole file as FFmpeg wrote it
   * @return the file to hand out
   */
  byte[] complete(byte[] bytes);
}
