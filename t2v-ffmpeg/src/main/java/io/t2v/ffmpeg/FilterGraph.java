package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avfilter.AV_BUFFERSRC_FLAG_KEEP_REF;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersrc_add_frame_flags;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_get_by_name;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_get_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_parse2;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;

import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.avfilter.AVFilter;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avfilter.AVFilterInOut;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avfilter;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A chain of FFmpeg's filters: frames in, frames out. Owns the native filters; for one thread at a
 * time.
 */
final class FilterGraph implements AutoCloseable {
  private static final Pattern CHAIN_SEPARATOR = Pattern.compile(",");

  private final AVFilterGraph graph;
  private final AVFilterContext source;
  private final AVFilterContext sink;

  /**
   * What all frames that come in have in common.
   *
   * @param size in pixels
   * @param format one of FFmpeg's {@code AV_PIX_FMT_*}
   * @param matrix one of FFmpeg's {@code AVCOL_SPC_*}
   * @param range one of FFmpeg's {@code AVCOL_RANGE_*}
   */
  record Input(PictureSize size, int format, int matrix, int range) {
    private String buffer() {
      // One tick a second: who sends frames decides what a tick is.
      return ("buffer@in=video_size=%sx%s:pix_fmt=%s:time_base=1/1:frame_rate=1/1"
              + ":colorspace=%s:range=%s")
          .formatted(size.width(), size.height(), format, matrix, range);
    }
  }

  /**
   * Sets up a chain.
   *
   * @param chain filters with their options, in FFmpeg's notation, with commas between them
   */
  FilterGraph(Input input, String chain) throws FfmpegException {
    load();
    requireFilters(chain);
    graph = Ffmpeg.checkAllocated(avfilter_graph_alloc(), "a chain of filters");
    try {
      graph.nb_threads(1);
      AVFilterInOut none = new AVFilterInOut((Pointer) null);
      Ffmpeg.check(
          avfilter_graph_parse2(
              graph, input.buffer() + "," + chain + ",buffersink@out", none, none),
          "set up the filters " + chain);
      Ffmpeg.check(avfilter_graph_config(graph, null), "set up the filters " + chain);
      source = avfilter_graph_get_filter(graph, "buffer@in");
      sink = avfilter_graph_get_filter(graph, "buffersink@out");
    } catch (FfmpegException | RuntimeException | Error e) {
      avfilter_graph_free(graph);
      throw e;
    }
  }

  private static void load() throws FfmpegException {
    Ffmpeg.load();
    try {
      Loader.load(avfilter.class);
    } catch (LinkageError e) {
      throw new FfmpegException("FFmpeg's library of filters could not be loaded", e);
    }
  }

  private static void requireFilters(String chain) throws FfmpegException {
    List<String> missing =
        CHAIN_SEPARATOR
            .splitAsStream(chain)
            .map(filter -> filter.contains("=") ? filter.substring(0, filter.indexOf('=')) : filter)
            .distinct()
            .filter(name -> !hasFilter(name))
            .toList();
    if (!missing.isEmpty()) {
      throw new FfmpegException(
          "these FFmpeg natives lack the filters " + String.join(", ", missing));
    }
  }

  private static boolean hasFilter(String name) {
    AVFilter filter = avfilter_get_by_name(name);
    return filter != null && !filter.isNull();
  }

  /** Hands in a frame, which stays the caller's; null after the last one. */
  void send(@Nullable AVFrame frame) throws FfmpegException {
    Ffmpeg.check(
        av_buffersrc_add_frame_flags(source, frame, AV_BUFFERSRC_FLAG_KEEP_REF), "filter a frame");
  }

  /**
   * Takes a filtered frame.
   *
   * @param frame filled with it
   * @return false if the filters want more frames first, or there are no more
   */
  boolean receive(AVFrame frame) throws FfmpegException {
    int result = av_buffersink_get_frame(sink, frame);
    if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
      return false;
    }
    Ffmpeg.check(result, "filter a frame");
    return true;
  }

  @Override
  public void close() {
    avfilter_graph_free(graph);
  }
}
