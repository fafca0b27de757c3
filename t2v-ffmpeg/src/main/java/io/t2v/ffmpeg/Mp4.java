package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;

/** MP4 with H.264, its index in front, so that playing starts before the whole file has arrived. */
final class Mp4 implements FileFormat {
  private final VideoCodec codec = new OpenH264();

  @Override
  public String name() {
    return "MP4";
  }

  @Override
  public String muxer() {
    return "mp4";
  }

  @Override
  public VideoCodec codec() {
    return codec;
  }

  @Override
  public void configure(AVFormatContext muxer, FrameRate rate) throws FfmpegException {
    // Both clocks of the file count in the same ticks: the default for the whole file, thousandths
    // of a second, cannot say how long 16 frames at 23.976 frames per second last.
    String clock = Integer.toString(rate.clock());
    set(muxer, "video_track_timescale", clock);
    set(muxer, "movie_timescale", clock);
  }

  private static void set(AVFormatContext muxer, String option, String value)
      throws FfmpegException {
    Ffmpeg.check(av_opt_set(muxer.priv_data(), option, value, 0), "set the MP4 option " + option);
  }

  @Override
  public byte[] complete(byte[] bytes) {
    return FastStart.moveIndexToFront(bytes);
  }
}
