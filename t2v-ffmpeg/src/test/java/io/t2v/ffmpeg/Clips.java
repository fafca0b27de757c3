package io.t2v.ffmpeg;

import io.t2v.Provenance;
import io.t2v.Video;
import java.util.ArrayList;
import java.util.List;

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
        int colour = painter.paint(i % width, i / width, t);
        picture[3 * i] = (byte) (colour >> 16);
        picture[3 * i + 1] = (byte) (colour >> 8);
        picture[3 * i + 2] = (byte) colour;
      }
      pictures.add(picture);
    }
    return Video.of(width, height, framesPerSecond, pictures, Provenance.unknown());
  }

  /** Smooth colours that move, a different direction for each channel. */
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

  static Video flat(int colour, int width, int height, int frames) {
    return paint(width, height, frames, 8, (x, y, t) -> colour);
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
