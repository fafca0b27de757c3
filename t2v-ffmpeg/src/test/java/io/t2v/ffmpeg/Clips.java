package io.t2v.ffmpeg;

import io.t2v.Provenance;
import io.t2v.Video;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Made-up videos and how far decoded ones are from them. */
final class Clips {
  private Clips() {}

  /** Colour of a place at a time. */
  interface Painter {
    /** Returns 0xRRGGBB. */
    int paint(int x, int y, int t);
  }

  static Video paint(int width, int height, int frames, double framesPerSecond, Painter painter) {
    List<byte[]> pictures = new ArrayList<>();
    for (int t = 0; t < frames; t++) {
      byte[] picture = new byte[3 * width * height];
      for (int i = 0; i < width * height; i++) {
        int color = painter.paint(i % width, i / width, t);
        picture[3 * i] = (byte) (color >> 16);
        picture[3 * i + 1] = (byte) (color >> 8);
        picture[3 * i + 2] = (byte) color;
      }
      pictures.add(picture);
    }
    return Video.of(width, height, framesPerSecond, pictures, Provenance.unknown());
  }

  /** Smooth colors that move, a different direction for each channel. */
  static Video gradients(int width, int height, int frames, double framesPerSecond) {
    return paint(
        width,
        height,
        frames,
        framesPerSecond,
        (x, y, t) ->
            wave((double) x / width + t / 16.0) << 16
                | wave((double) y / height - t / 16.0) << 8
                | wave((double) (x + y) / (width + height) + t / 32.0));
  }

  private static int wave(double turns) {
    return (int) Math.round(127.5 + 127.5 * Math.sin(2 * Math.PI * turns));
  }

  /** Smooth colors under grain. */
  static Video noisy(int width, int height, int frames) {
    Random random = new Random(1);
    return paint(
        width,
        height,
        frames,
        8,
        (x, y, t) ->
            (64 + x / 2 + random.nextInt(32)) << 16
                | (64 + y / 2 + random.nextInt(32)) << 8
                | (64 + t + random.nextInt(32)));
  }

  static Video flat(int color, int width, int height, int frames) {
    return paint(width, height, frames, 8, (x, y, t) -> color);
  }

  /** Peak signal-to-noise ratio over all frames and channels, in decibels. */
  static double psnr(Video video, Decoded decoded) {
    double squares = 0;
    long count = 0;
    for (int t = 0; t < video.frameCount(); t++) {
      byte[] expected = video.rgb(t);
      byte[] actual = decoded.frames().get(t);
      for (int i = 0; i < expected.length; i++) {
        double difference = (expected[i] & 0xff) - (actual[i] & 0xff);
        squares += difference * difference;
      }
      count += expected.length;
    }
    return 10 * Math.log10(255 * 255 / (squares / count));
  }

  /** The same between two videos of one size. */
  static double psnr(Video expected, Video actual) {
    byte[] one = expected.rgb();
    byte[] other = actual.rgb();
    double squares = 0;
    for (int i = 0; i < one.length; i++) {
      double difference = (one[i] & 0xff) - (other[i] & 0xff);
      squares += difference * difference;
    }
    return 10 * Math.log10(255 * 255 / (squares / one.length));
  }

  /** Like the bundled model's clips: a coloured disc that moves over a plain ground. */
  static Video disc(int color, int ground, int side, int frames) {
    return paint(
        side,
        side,
        frames,
        8,
        (x, y, t) -> Math.hypot(x - 10 - 5 * t, y - side / 2.0) < 8 ? color : ground);
  }

  static Provenance provenance() {
    return new Provenance(
        Map.of(
            "prompt",
            "a \"red\" circle & <friends> 熊猫 \u0000",
            "seed",
            1234567890123L,
            "steps",
            25,
            "guidanceScale",
            3.0,
            "schedulerConfig",
            Map.of("useKarras", true, "betas", List.of(0.1, 0.2))),
        Map.of());
  }

  /** The same frames, made as {@link #provenance} says. */
  static Video made(Video video) {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < video.frameCount(); i++) {
      frames.add(video.rgb(i));
    }
    return Video.of(video.width(), video.height(), video.framesPerSecond(), frames, provenance());
  }

  /** Mean of decoded minus expected value of one channel over all frames. */
  static double shift(int expected, Decoded decoded, int channel) {
    double sum = 0;
    long count = 0;
    for (byte[] frame : decoded.frames()) {
      for (int i = channel; i < frame.length; i += 3) {
        sum += (frame[i] & 0xff) - expected;
        count++;
      }
    }
    return sum / count;
  }
}
