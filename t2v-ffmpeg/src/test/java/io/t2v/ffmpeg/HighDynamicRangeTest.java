package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT2020;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_SMPTE432;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_ARIB_STD_B67;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_SMPTE2084;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P10LE;
import static org.bytedeco.ffmpeg.global.avutil.av_content_light_metadata_create_side_data;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.t2v.Video;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PQ, HLG and wide gamuts become sRGB. What is expected is computed here from the formulas of
 * Recommendation ITU-R BT.2100 and of the documented curve, in double precision; ten bits of video
 * and the filters' single precision leave an error of one level.
 */
class HighDynamicRangeTest {
  private static final double PEAK = 1000 / 203.0;

  /** Linear light of BT.709, in multiples of paper white. */
  private static final double[][] LIGHT = {
    {1, 1, 1},
    {0.5, 0.5, 0.5},
    {0.05, 0.05, 0.05},
    {PEAK, PEAK, PEAK},
    {2, 2, 2},
    {0.6, 0.1, 0.1},
    {0.1, 0.6, 0.1},
    {0.1, 0.1, 0.6},
    {0.9, 0.3, 0},
    {0, 1.5, 0.2},
    {0, 0, 0}
  };

  // Report ITU-R BT.2407, and Recommendation BT.2087 the other way round.
  private static final double[][] TO_709 = {
    {1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}
  };

  private static final double[][] TO_2020 = {
    {0.6274, 0.3293, 0.0433}, {0.0691, 0.9195, 0.0114}, {0.0164, 0.0880, 0.8956}
  };

  @TempDir Path folder;

  private static double[] multiply(double[][] matrix, double[] vector) {
    double[] product = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
  }

  private static double[] map(double[] vector, DoubleUnaryOperator function) {
    return java.util.Arrays.stream(vector).map(function).toArray();
  }

  /** Ten-bit codes of limited range. */
  private static int[] codes(double[] rgb, double kr, double kb) {
    double y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];
    double cb = (rgb[2] - y) / (2 * (1 - kb));
    double cr = (rgb[0] - y) / (2 * (1 - kr));
    return new int[] {
      (int) Math.round(64 + 876 * y),
      (int) Math.round(512 + 896 * cb),
      (int) Math.round(512 + 896 * cr)
    };
  }

  private static double pq(double nits) {
    double power = Math.pow(nits / 10_000, 2610 / 16384.0);
    return Math.pow(
        (3424 / 4096.0 + 2413 / 128.0 * power) / (1 + 2392 / 128.0 * power), 2523 / 32.0);
  }

  /** The signal of a display of 1000 cd/m², whose system gamma is 1.2. */
  private static double[] hlg(double[] nits) {
    double luminance = (0.2627 * nits[0] + 0.6780 * nits[1] + 0.0593 * nits[2]) / 1000;
    double gain = luminance <= 0 ? 0 : Math.pow(luminance, (1 - 1.2) / 1.2) / 1000;
    return map(
        nits,
        light -> {
          double scene = light * gain;
          return scene <= 1 / 12.0
              ? Math.sqrt(3 * scene)
              : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
        });
  }

  private static double curve(double light) {
    double knee = 0.8;
    if (light <= knee) {
      return light;
    }
    // A hyperbola through (knee, knee) with slope 1 there, and through (peak, 1).
    double a = -knee * knee * (PEAK - 1) / (knee * knee - 2 * knee + PEAK);
    double b = (knee * knee - 2 * knee * PEAK + PEAK) / (PEAK - 1);
    return (b * b + 2 * b * knee + knee * knee) / (b - a) * (light + a) / (light + b);
  }

  private static double[] sRgb(double[] light) {
    double most = Math.max(light[0], Math.max(light[1], light[2]));
    double gain = most > 0 ? curve(most) / most : 0;
    return map(
        light,
        value -> {
          double linear = Math.max(0, Math.min(1, value * gain));
          return 255
              * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055);
        });
  }

  private Video read(List<int[]> codes, int matrix, int primaries, int transfer)
      throws IOException, FfmpegException {
    Path file =
        new MadeClip("ffv1", "matroska")
            .pixelFormat(AV_PIX_FMT_YUV444P10LE)
            .settings(
                context -> {
                  context.colorspace(matrix).color_primaries(primaries).color_trc(transfer);
                  context.color_range(AVCOL_RANGE_MPEG);
                })
            .write(folder.resolve("clip.mkv"), codes, LongStream.range(0, codes.size()).toArray());
    return VideoReader.create().read(file);
  }

  private static void assertColour(Video video, int frame, double[] expected) {
    byte[] rgb = video.rgb(frame);
    for (int i = 0; i < 3; i++) {
      assertThat((double) (rgb[i] & 0xff))
          .as("channel %s of frame %s", i, frame)
          .isCloseTo(expected[i], within(1.5));
    }
  }

  /** The signal that ten-bit codes stand for. */
  private static double[] signal(int[] codes) {
    double y = (codes[0] - 64) / 876.0;
    double cb = (codes[1] - 512) / 896.0;
    double cr = (codes[2] - 512) / 896.0;
    double red = y + 2 * (1 - 0.2627) * cr;
    double blue = y + 2 * (1 - 0.0593) * cb;
    return new double[] {red, (y - 0.2627 * red - 0.0593 * blue) / 0.6780, blue};
  }

  private static double[] pqLight(double[] signal) {
    return map(
        signal,
        value -> {
          double power = Math.pow(Math.max(0, value), 32 / 2523.0);
          double light = Math.max(0, power - 3424 / 4096.0) / (2413 / 128.0 - 2392 / 128.0 * power);
          return 10_000 * Math.pow(light, 16384 / 2610.0);
        });
  }

  private static double[] hlgLight(double[] signal) {
    double[] scene =
        map(
            signal,
            value ->
                value <= 0.5
                    ? value * value / 3
                    : (Math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12);
    double luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2];
    double gain = luminance <= 0 ? 0 : 1000 * Math.pow(luminance, 0.2);
    return map(scene, value -> gain * value);
  }

  private static double[] expected(double[] nits) {
    return sRgb(multiply(TO_709, map(nits, value -> value / 203)));
  }

  @Test
  void pqIsToneMapped() throws IOException, FfmpegException {
    List<int[]> codes = new ArrayList<>();
    for (double[] light : LIGHT) {
      double[] nits = map(multiply(TO_2020, light), value -> 203 * value);
      codes.add(codes(map(nits, HighDynamicRangeTest::pq), 0.2627, 0.0593));
    }

    Video video = read(codes, AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084);

    for (int i = 0; i < LIGHT.length; i++) {
      assertColour(video, i, expected(pqLight(signal(codes.get(i)))));
    }
  }

  @Test
  void hlgIsToneMapped() throws IOException, FfmpegException {
    List<int[]> codes = new ArrayList<>();
    for (double[] light : LIGHT) {
      double[] nits = map(multiply(TO_2020, light), value -> 203 * value);
      codes.add(codes(hlg(nits), 0.2627, 0.0593));
    }

    Video video = read(codes, AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_ARIB_STD_B67);

    for (int i = 0; i < LIGHT.length; i++) {
      assertColour(video, i, expected(hlgLight(signal(codes.get(i)))));
    }
  }

  /** Paper white is nearly the brightest, and a grey below the knee is what it was. */
  @Test
  void whiteIsWhite() throws IOException, FfmpegException {
    double[] white = {203, 203, 203};
    double[] grey = {50, 50, 50};
    List<int[]> codes =
        List.of(
            codes(map(white, HighDynamicRangeTest::pq), 0.2627, 0.0593),
            codes(map(grey, HighDynamicRangeTest::pq), 0.2627, 0.0593));

    Video video = read(codes, AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084);

    assertThat(video.rgb(0)[0] & 0xff).isBetween(240, 250);
    assertColour(video, 1, sRgb(new double[] {50 / 203.0, 50 / 203.0, 50 / 203.0}));
  }

  /** BT.709's colors as the larger gamuts write them come back as they were; grey stays grey. */
  @Test
  void wideGamutsAreConverted() throws IOException, FfmpegException {
    List<int[]> codes = new ArrayList<>();
    double[][] colors = {{0.8, 0.2, 0.2}, {0.2, 0.7, 0.3}, {0.5, 0.5, 0.5}, {1, 1, 1}};
    for (double[] color : colors) {
      double[] light = multiply(TO_2020, map(color, value -> Math.pow(value, 2.4)));
      codes.add(codes(map(light, value -> Math.pow(value, 1 / 2.4)), 0.2627, 0.0593));
    }

    Video video = read(codes, AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_BT709);

    for (int i = 0; i < colors.length; i++) {
      assertColour(video, i, map(colors[i], value -> 255 * value));
    }
    Video p3 =
        read(
            List.of(codes(new double[] {0.5, 0.5, 0.5}, 0.2126, 0.0722)),
            AVCOL_SPC_BT709,
            AVCOL_PRI_SMPTE432,
            AVCOL_TRC_BT709);
    assertColour(p3, 0, new double[] {127.5, 127.5, 127.5});
  }

  @Test
  void thePeakIsThatOfTheFile() throws FfmpegException {
    Ffmpeg.load();
    AVFrame frame = av_frame_alloc();
    frame.color_trc(AVCOL_TRC_SMPTE2084);

    assertThat(SourceColours.of(frame).peak()).isEqualTo(1000);
    av_content_light_metadata_create_side_data(frame).MaxCLL(4000);
    assertThat(SourceColours.of(frame).peak()).isEqualTo(4000);

    av_frame_free(frame);
  }
}
