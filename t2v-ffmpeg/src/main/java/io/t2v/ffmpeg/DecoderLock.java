package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Opens decoders one at a time in the whole process: several of the libraries behind FFmpeg's
 * decoders set up their tables without a lock. Decoding itself needs none.
 */
final class DecoderLock {
  private DecoderLock() {}

  static synchronized int open(AVCodecContext context, AVCodec codec) {
    return avcodec_open2(context, codec, (AVDictionary) null);
  }

  /** Finds the streams of a file, for which FFmpeg opens decoders of its own. */
  static synchronized int findStreams(
      AVFormatContext demuxer, PointerPointer<AVDictionary> options) {
    return avformat_find_stream_info(demuxer, options);
  }
}
