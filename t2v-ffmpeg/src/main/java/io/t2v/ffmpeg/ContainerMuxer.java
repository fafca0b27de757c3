package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_BITEXACT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Writes one file with one video stream. Owns FFmpeg's muxer and the output below it. */
final class ContainerMuxer implements Muxer {
  private final VideoFormat format;
  private final Map<String, String> options;
  private final Optional<FileRecord> about;
  private final Destination destination;
  private final Output output;
  private final AVFormatContext muxer = new AVFormatContext((Pointer) null);

  /**
   * Makes a container; nothing is written yet.
   *
   * @param options of the file format
   * @param about what the file says of its video
   * @param destination closed by this container, also if it cannot be made
   */
  ContainerMuxer(
      VideoFormat format,
      Map<String, String> options,
      Optional<FileRecord> about,
      Destination destination)
      throws FfmpegException {
    this.format = format;
    this.options = options;
    this.about = about;
    this.destination = destination;
    try {
      output = destination.open();
    } catch (FfmpegException | RuntimeException | Error e) {
      destination.close();
      throw e;
    }
    try {
      Ffmpeg.check(
          avformat_alloc_output_context2(
              muxer, (AVOutputFormat) null, format.muxer(), (String) null),
          "make a file of the format " + format.label());
      muxer.pb(output.stream());
      // The same video, the same file: without random identifiers.
      muxer.flags(muxer.flags() | AVFMT_FLAG_BITEXACT);
    } catch (FfmpegException | RuntimeException | Error e) {
      output.close();
      destination.close();
      throw e;
    }
  }

  @Override
  public boolean wantsGlobalHeader() {
    return (muxer.oformat().flags() & AVFMT_GLOBALHEADER) != 0;
  }

  @Override
  public void begin(AVCodecContext encoder, FrameRate rate) throws FfmpegException {
    AVStream stream =
        Ffmpeg.checkAllocated(avformat_new_stream(muxer, (AVCodec) null), "a video stream");
    Ffmpeg.check(
        avcodec_parameters_from_context(stream.codecpar(), encoder), "describe the video stream");
    stream.time_base(encoder.time_base());
    stream.avg_frame_rate().num(rate.numerator()).den(rate.denominator());
    stream.sample_aspect_ratio(encoder.sample_aspect_ratio());
    Ffmpeg.set(muxer, allOptions(rate));
    if (about.isPresent()) {
      muxer.metadata(dictionary(tags(about.get())));
    }
    Ffmpeg.check(avformat_write_header(muxer, (AVDictionary) null), "write the file's header");
  }

  private Map<String, String> allOptions(FrameRate rate) {
    Map<String, String> all = new HashMap<>(options);
    if (format == VideoFormat.MP4 || format == VideoFormat.MOV) {
      // Both clocks of the file count in the same ticks: the default for the whole file,
      // thousandths of a second, cannot say how long 16 frames at 23.976 frames per second last.
      String clock = Integer.toString(rate.clock());
      all.put("video_track_timescale", clock);
      all.put("movie_timescale", clock);
    }
    return all;
  }

  private Map<String, String> tags(FileRecord written) {
    Map<String, String> tags = new HashMap<>(written.tags());
    if (format == VideoFormat.MKV || format == VideoFormat.WEBM) {
      // Matroska has no place for XMP but its own tags, which hold any text.
      tags.put("xmp", written.xmp().text());
    }
    return tags;
  }

  private static AVDictionary dictionary(Map<String, String> entries) throws FfmpegException {
    AVDictionary dictionary = new AVDictionary((Pointer) null);
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      try (BytePointer key = Ffmpeg.utf8(entry.getKey());
          BytePointer value = Ffmpeg.utf8(entry.getValue())) {
        Ffmpeg.check(av_dict_set(dictionary, key, value, 0), "set the text " + entry.getKey());
      }
    }
    return dictionary; // the muxer frees it
  }

  @Override
  public void write(AVPacket packet, AVCodecContext encoder) throws FfmpegException {
    AVRational clock = muxer.streams(0).time_base();
    // A coarse clock, such as a GIF's, rounds: each packet ends where the next begins.
    long end = av_rescale_q(packet.pts() + packet.duration(), encoder.time_base(), clock);
    packet.stream_index(0);
    av_packet_rescale_ts(packet, encoder.time_base(), clock);
    packet.duration(end - packet.pts());
    Ffmpeg.check(av_interleaved_write_frame(muxer, packet), "write a frame");
  }

  @Override
  public Optional<Path> finish() throws FfmpegException, IOException {
    Ffmpeg.check(av_write_trailer(muxer), "write the file's index");
    try (ByteSource written = output.finish()) {
      return destination.commit(
          written, format.completion().edit(written, about.map(FileRecord::xmp)));
    }
  }

  @Override
  public void close() {
    avformat_free_context(muxer);
    muxer.setNull();
    output.close();
    destination.close();
  }
}
