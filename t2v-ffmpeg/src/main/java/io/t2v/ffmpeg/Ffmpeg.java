package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import io.t2v.internal.io.NativeCache;
import io.t2v.internal.io.NativeLoadFailure;
import io.t2v.internal.io.NativeMemoryLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** FFmpeg's native libraries: loads them, checks their results, sets options, finds encoders. */
final class Ffmpeg {
  private Ffmpeg() {}

  /**
   * Loads the native libraries, once for all writers.
   *
   * @throws FfmpegException if they are not on the class path or cannot be loaded; the message
   *     names the dependencies or the setting to add
   */
  static void load() throws FfmpegException {
    if (Cache.FAILURE != null) {
      throw new FfmpegException(unloadable(Cache.FAILURE), Cache.FAILURE);
    }
    try {
      Loader.load(avutil.class);
      Loader.load(swscale.class);
      Loader.load(avcodec.class);
      Loader.load(avformat.class);
      Log.quieten();
    } catch (OutOfMemoryError e) {
      // JavaCPP compares all memory of the process with a limit, by default four times the heap:
      // after a large model was loaded, even FFmpeg's few constants are too many for it.
      throw new FfmpegException(
          "FFmpeg's native libraries could not be loaded within JavaCPP's limit of native memory; "
              + "start Java with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
          e);
    } catch (LinkageError | IllegalCallerException e) {
      // UnsatisfiedLinkError at first, NoClassDefFoundError for a class whose loading failed
      // before.
      throw new FfmpegException(unloadable(e), e);
    }
  }

  private static String unloadable(Throwable failure) {
    return NativeLoadFailure.explain("FFmpeg's native libraries", avutil.class, failure);
  }

  /** FFmpeg's own messages, which belong to the whole process and go to standard error. */
  private static final class Log {
    static {
      // Errors come as exceptions. Another level than FFmpeg's own was set by the application.
      if (avutil.av_log_get_level() == avutil.AV_LOG_INFO
          && !Boolean.getBoolean(NativeMemoryLimits.KEEP_PROPERTY)) {
        avutil.av_log_set_level(avutil.AV_LOG_PANIC);
      }
    }

    private Log() {}

    /** Turns messages off when first called, so that an application may turn them on again. */
    static void quieten() {}
  }

  /** Completes JavaCPP's cache when first asked, and remembers why that failed. */
  private static final class Cache {
    @SuppressWarnings("StaticAssignmentOfThrowable") // it is the cause of what later calls throw
    static final @Nullable IOException FAILURE = complete();

    private static @Nullable IOException complete() {
      try {
        NativeMemoryLimits.lift();
        NativeCache.complete(avutil.class.getClassLoader(), "ffmpeg");
        return null;
      } catch (IOException e) {
        return e;
      }
    }
  }

  /**
   * Returns a result, unless it is an error.
   *
   * @param result what a function of FFmpeg returned: negative on failure
   * @param action what was tried, to follow "could not"
   */
  static int check(int result, String action) throws FfmpegException {
    if (result < 0) {
      throw new FfmpegException("could not " + action + ": " + describe(result));
    }
    return result;
  }

  /** Returns a new native object, unless there was no memory for it. */
  static <P extends Pointer> P checkAllocated(P pointer, String what) throws FfmpegException {
    if (pointer == null || pointer.isNull()) {
      throw new FfmpegException("could not make " + what + ": out of native memory");
    }
    return pointer;
  }

  /** Sets options that only this encoder knows. */
  static void set(AVCodecContext context, Map<String, String> options) throws FfmpegException {
    set(context.priv_data(), "encoder", options);
  }

  /** Sets options that only this file format knows. */
  static void set(AVFormatContext muxer, Map<String, String> options) throws FfmpegException {
    set(muxer.priv_data(), "file format", options);
  }

  private static void set(Pointer owner, String what, Map<String, String> options)
      throws FfmpegException {
    for (Map.Entry<String, String> option : options.entrySet()) {
      check(
          av_opt_set(owner, option.getKey(), option.getValue(), 0),
          "set the %s's option %s to %s".formatted(what, option.getKey(), option.getValue()));
    }
  }

  /** Returns a native string in UTF-8, whatever the platform's own encoding is. */
  static BytePointer utf8(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  static String describe(int error) {
    byte[] text = new byte[256];
    av_strerror(error, text, text.length);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8) + " (" + error + ")";
  }

  /**
   * Finds an encoder.
   *
   * @throws FfmpegException if these natives lack it; the message lists the video encoders that are
   *     there
   */
  static AVCodec encoder(String name) throws FfmpegException {
    AVCodec codec = avcodec.avcodec_find_encoder_by_name(name);
    if (codec == null || codec.isNull()) {
      throw new FfmpegException(
          "these FFmpeg natives have no encoder named "
              + name
              + "; their video encoders are "
              + String.join(", ", videoEncoders()));
    }
    return codec;
  }

  /** Returns whether these natives have an encoder. */
  static boolean hasEncoder(String name) {
    AVCodec codec = avcodec.avcodec_find_encoder_by_name(name);
    return codec != null && !codec.isNull();
  }

  private static List<String> videoEncoders() {
    List<String> names = new ArrayList<>();
    // FFmpeg's cursor: it counts in the pointer itself, nothing is allocated behind it.
    Pointer cursor = new Pointer();
    for (AVCodec codec = avcodec.av_codec_iterate(cursor);
        codec != null && !codec.isNull();
        codec = avcodec.av_codec_iterate(cursor)) {
      if (codec.type() == avutil.AVMEDIA_TYPE_VIDEO && avcodec.av_codec_is_encoder(codec) != 0) {
        names.add(codec.name().getString());
      }
    }
    names.sort(null);
    return names;
  }
}
