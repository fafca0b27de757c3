package io.t2v.ffmpeg;

import io.t2v.Provenance;
import io.t2v.Video;
import java.util.ArrayList;
import java.util.List;

/**
 * How far two videos are from each other, pixel by pixel.
 *
 * <p>Plain Java, without native libraries; safe for use by many threads.
 *
 * @param map a video of the same size and rate: black where both are the same, then blue, red,
 *     yellow, and white where a channel differs by {@code most} or more
 * @param mean of all differences of channels, in levels of 255
 * @param most largest difference of a channel, in levels of 255
 * @param psnr peak signal-to-noise ratio in decibels; infinite for equal videos
 */
public record Difference(Video map, double mean, int most, double psnr) {
  private static final int[][] HEAT = {
    {0, 0, 0}, {20, 20, 160}, {200, 30, 60}, {250, 200, 40}, {255, 255, 255}
  };

  /**
   * Compares two videos.
   *
   * @param one a video
   * @param other of the same size and number of frames
   * @return the difference, shown on a scale from 0 to the largest one
   * @throws IllegalArgumentException if size or number of frames differ, or the map does not fit on
   *     the Java heap
   */
  public static Difference between(Video one, Video other) {
    if (one.width() != other.width()
        || one.height() != other.height()
        || one.frameCount() != other.frameCount()) {
      throw new IllegalArgumentException(
          one + " cannot be compared with " + other + ": expected one size and number of frames");
    }
    long pixels = (long) one.width() * one.height() * one.frameCount();
    HeapRoom.require( // a byte a pixel, then the map, which is copied
        pixels * (1 + 3 + 3), "the difference of " + one, IllegalArgumentException::new);
    int most = 0;
    double sum = 0;
    double squares = 0;
    long count = 0;
    List<byte[]> largest = new ArrayList<>();
    for (int i = 0; i < one.frameCount(); i++) {
      byte[] left = one.rgb(i);
      byte[] right = other.rgb(i);
      byte[] ofPixel = new byte[left.length / 3];
      for (int j = 0; j < left.length; j++) {
        int difference = Math.abs((left[j] & 0xff) - (right[j] & 0xff));
        ofPixel[j / 3] = (byte) Math.max(ofPixel[j / 3] & 0xff, difference);
        most = Math.max(most, difference);
        sum += difference;
        squares += (double) difference * difference;
      }
      count += left.length;
      largest.add(ofPixel);
    }
    List<byte[]> frames = new ArrayList<>();
    for (byte[] ofPixel : largest) {
      frames.add(paint(ofPixel, Math.max(1, most)));
    }
    Video map =
        Video.of(one.width(), one.height(), one.framesPerSecond(), frames, Provenance.unknown());
    return new Difference(
        map, sum / count, most, 10 * Math.log10(255.0 * 255.0 / (squares / count)));
  }

  private static byte[] paint(byte[] differences, int most) {
    byte[] rgb = new byte[3 * differences.length];
    for (int i = 0; i < differences.length; i++) {
      double place = (double) (differences[i] & 0xff) / most * (HEAT.length - 1);
      int below = Math.min(HEAT.length - 2, (int) place);
      for (int c = 0; c < 3; c++) {
        double mixed = HEAT[below][c] + (place - below) * (HEAT[below + 1][c] - HEAT[below][c]);
        rgb[3 * i + c] = (byte) Math.round(mixed);
      }
    }
    return rgb;
  }
}
