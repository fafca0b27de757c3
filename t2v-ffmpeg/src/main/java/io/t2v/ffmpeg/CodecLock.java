package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Opens and frees codecs one at a time in the whole process.
 *
 * <p>FFmpeg itself may be used by many threads, but some of the libraries behind its codecs fill
 * and free tables that all of their instances share. SVT-AV1 crashes the process when one thread
 * opens an encoder while another one opens or frees one. Encoding and decoding need no lock.
 */
final class CodecLock {
  /**
   * A string constant: the JVM has one object for equal constants of all classes, so that copies of
   * this class in several class loaders, which share the native libraries, share the lock too.
   */
  static final Object MONITOR = "io.t2v.ffmpeg.CodecLock";

  private CodecLock() {}

  /** Does what {@code avcodec_open2} does. */
  static int open(AVCodecContext context, AVCodec codec) {
    synchronized (MONITOR) {
      return avcodec_open2(context, codec, (AVDictionary) null);
    }
  }

  /** Does what {@code avcodec_free_context} does. */
  static void free(AVCodecContext context) {
    synchronized (MONITOR) {
      avcodec_free_context(context);
    }
  }

  /** Finds the streams of a file, for which FFmpeg opens decoders of its own. */
  static int findStreams(AVFormatContext demuxer, PointerPointer<AVDictionary> options) {
    synchronized (MONITOR) {
      return avformat_find_stream_info(demuxer, options);
    }
  }
}
