package io.t2v.minimodel;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.Precision;
import java.util.List;

/**
 * Measures what a precision changes on the miniature model: the error of frames against float32 on
 * the same captions and seeds, 12 captions twice, and how many videos are right by the measures of
 * {@code MiniModelVideosTest}. A line a video, then their sum. {@code precision_of_reference.py} in
 * docs/mini-model does the same with the reference's bfloat16.
 */
final class PrecisionStudy {
  private static final int SEEDS = 24;

  private PrecisionStudy() {}

  /** arguments: a precision in capital letters, such as BFLOAT16. */
  public static void main(String[] arguments) {
    Precision precision = Precision.valueOf(arguments[0]);
    double absolute = 0;
    double squares = 0;
    int right = 0;
    int exactlyRight = 0;
    try (TextToVideoPipeline exact = MiniModel.pipeline().build();
        TextToVideoPipeline other = MiniModel.pipeline().precision(precision).build()) {
      for (int seed = 0; seed < SEEDS; seed++) {
        List<String> captions = AccelerationStudy.CAPTIONS;
        String caption = captions.get(seed % captions.size());
        Video expected = video(exact, caption, seed);
        Video found = video(other, caption, seed);
        FrameErrors errors = FrameErrors.between(found, expected);
        absolute += errors.mean();
        squares += errors.meanSquare();
        right += AccelerationStudy.isRight(found, caption) ? 1 : 0;
        exactlyRight += AccelerationStudy.isRight(expected, caption) ? 1 : 0;
        System.out.printf(
            "%2d %s: mean error %.2f of 255, %.1f dB%n",
            seed, caption, errors.mean(), errors.decibels());
      }
    }
    System.out.printf(
        "%s: mean error %.2f of 255, %.1f dB, right: %d of %d, in float32 %d%n",
        precision,
        absolute / SEEDS,
        new FrameErrors(0, squares / SEEDS).decibels(),
        right,
        SEEDS,
        exactlyRight);
  }

  private static Video video(TextToVideoPipeline pipeline, String caption, long seed) {
    return pipeline.generate(MiniModel.request(caption).seed(seed).build());
  }

  /** In levels of 255. */
  private record FrameErrors(double mean, double meanSquare) {
    static FrameErrors between(Video found, Video expected) {
      byte[] first = found.rgb();
      byte[] second = expected.rgb();
      double absolute = 0;
      double squares = 0;
      for (int i = 0; i < first.length; i++) {
        double difference = (first[i] & 255) - (second[i] & 255);
        absolute += Math.abs(difference);
        squares += difference * difference;
      }
      return new FrameErrors(absolute / first.length, squares / first.length);
    }

    double decibels() {
      return 10 * Math.log10(255 * 255 / meanSquare);
    }
  }
}
