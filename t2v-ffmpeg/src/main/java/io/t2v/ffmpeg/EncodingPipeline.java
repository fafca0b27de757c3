package io.t2v.ffmpeg;

import io.t2v.VideoInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the frames of one video: converts their pixels, encodes them, and hands the packets to a
 * muxer. Owns the converter and the encoder; for one thread at a time.
 */
final class EncodingPipeline implements AutoCloseable {
  private final Muxer muxer;
  private final FrameEncoder encoder;
  private final PixelConverter converter;
  private final @Nullable PaletteStage palette;
  private int repetitionsOfFirst;

  /**
   * Opens the encoder, and begins the file.
   *
   * @param muxer closed by the caller after this encoding
   */
  EncodingPipeline(VideoInfo clip, VideoFormat format, WriterOptions options, Muxer muxer)
      throws FfmpegException {
    FrameRate rate = rate(clip, format, options);
    PictureSize own = new PictureSize(clip.width(), clip.height());
    PictureSize wanted = options.size == null ? own : options.size;
    this.muxer = muxer;
    Opened opened = open(format, options, wanted, rate, muxer.wantsGlobalHeader());
    this.encoder = opened.encoder();
    this.repetitionsOfFirst = (int) Math.round(options.stillSeconds * rate.value());
    PixelLayout layout = opened.codec().pixels();
    PictureSize size = wanted.padded(layout);
    try {
      int frames = clip.frames() + repetitionsOfFirst;
      HeapRoom.require(
          own.bytes() + (layout.hasPalette() ? PaletteStage.heapBytes(size, frames) : 0),
          "encoding " + frames + " frames of " + own,
          FfmpegException::new);
      palette = layout.hasPalette() ? new PaletteStage(size) : null;
      converter =
          new PixelConverter(
              own, size, layout.hasPalette() ? PixelLayout.RGB : layout, options.filter);
    } catch (FfmpegException | RuntimeException | Error e) {
      encoder.close();
      throw e;
    }
    try {
      muxer.begin(encoder.context(), rate);
    } catch (FfmpegException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Opens the encoder that would be used, and closes it. */
  static void check(VideoInfo clip, VideoFormat format, WriterOptions options)
      throws FfmpegException {
    PictureSize own = new PictureSize(clip.width(), clip.height());
    PictureSize wanted = options.size == null ? own : options.size;
    open(format, options, wanted, rate(clip, format, options), false).encoder().close();
  }

  private record Opened(VideoCodec codec, FrameEncoder encoder) {}

  /** Opens the chosen encoder; or the first hardware encoder that works, or the format's own. */
  private static Opened open(
      VideoFormat format,
      WriterOptions options,
      PictureSize wanted,
      FrameRate rate,
      boolean globalHeader)
      throws FfmpegException {
    List<VideoEncoder> candidates = new ArrayList<>();
    if (options.prefersHardware) {
      format.encoders().stream().filter(VideoEncoder::isHardware).forEach(candidates::add);
    }
    candidates.add(lastChoice(format, options));
    int quality = options.quality == null ? VideoWriter.DEFAULT_QUALITY : options.quality;
    CodecSettings settings = new CodecSettings(rate, quality, options.bitRate);
    for (int i = 0; ; i++) {
      VideoCodec codec = candidates.get(i).codec();
      try {
        PictureSize size = wanted.padded(codec.pixels());
        return new Opened(
            codec, new FrameEncoder(codec, size, settings, options.keyFrameSeconds, globalHeader));
      } catch (FfmpegException e) {
        if (i == candidates.size() - 1) {
          throw e;
        }
      }
    }
  }

  /** Returns the chosen encoder or the format's own: what must be there in any case. */
  static VideoEncoder lastChoice(VideoFormat format, WriterOptions options) {
    return options.encoder != null ? options.encoder : format.encoders().get(0);
  }

  private static FrameRate rate(VideoInfo clip, VideoFormat format, WriterOptions options)
      throws FfmpegException {
    double rate =
        options.framesPerSecond != null ? options.framesPerSecond : clip.framesPerSecond();
    if (!FrameRate.isValid(rate) || rate > format.maxFramesPerSecond()) {
      throw new FfmpegException(
          "its frame rate is "
              + rate
              + ", expected "
              + format.frameRates()
              + "; set another with withFramesPerSecond");
    }
    return FrameRate.of(rate);
  }

  /** Takes the next frame. */
  void frame(byte[] rgb) throws FfmpegException, IOException {
    for (; repetitionsOfFirst > 0; repetitionsOfFirst--) {
      encode(rgb);
    }
    encode(rgb);
  }

  private void encode(byte[] rgb) throws FfmpegException, IOException {
    AVFrame frame = converter.convert(rgb);
    if (palette != null) {
      palette.add(frame);
    } else {
      encoder.encode(frame, muxer);
    }
  }

  /**
   * Ends the file, and gives it its name.
   *
   * @return where it is, if that is a path
   */
  Optional<Path> finish() throws FfmpegException, IOException {
    if (palette != null) {
      palette.finish(encoder, muxer);
    }
    encoder.finish(muxer);
    return muxer.finish();
  }

  @Override
  public void close() {
    encoder.close();
    converter.close();
  }
}
