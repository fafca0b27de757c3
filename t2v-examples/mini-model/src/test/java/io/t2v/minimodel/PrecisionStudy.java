package io.t2v.minimodel;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.Precision;

/**
 * Measures what a precision changes on the miniature model: the error of frames against float32 on
 * the same captions and seeds, and how many captions are still right by the measures of {@code
 * MiniModelVideosTest}. A line a caption, then their sum.
 */
final class PrecisionStudy {
  private PrecisionStudy() {}

  /** arguments: a precision in capital letters, such as BFLOAT16. */
  public static void main(String[] arguments) {
    Precision precision = Precision.valueOf(arguments[0]);
    double absolute = 0;
    double squares = 0;
    int right = 0;
    int videos = 0;
    try (TextToVideoPipeline exact = MiniModel.pipeline().build();
        TextToVideoPipeline other = MiniModel.pipeline().precision(precision).build()) {
      for (String caption : AccelerationStudy.CAPTIONS) {
        Video expected = video(exact, caption, videos);
        Video found = video(other, caption, videos);
        FrameErrors errors = FrameErrors.between(found, expected);
        videos++;
        absolute += errors.mean();
        squares += errors.meanSquare();
        right += AccelerationStudy.isRight(found, caption) ? 1 : 0;
        System.out.printf(
            "%s: mean error %.2f of 255, %.1f dB; right so far: %d of %d%n",
            caption, errors.mean(), errors.decibels(), right, videos);
      }
    }
    System.out.printf(
        "%s: mean error %.2f of 255, %.1f dB, right: %d of %d%n",
        precision,
        absolute / videos,
        new FrameErrors(0, squares / videos).decibels(),
        right,
        videos);
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
