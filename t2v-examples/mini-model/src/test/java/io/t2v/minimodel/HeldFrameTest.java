package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames that are held at an image of another prompt. */
class HeldFrameTest {
  private static final int FRAMES = 8;
  private static final int STEPS = 10;

  @Test
  void theLargerItsWeightTheFurtherAFrameIsFromItsImage() {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      BufferedImage circle =
          pipeline
              .generate(
                  MiniModel.request("a red circle moving right on a gray background")
                      .frames(FRAMES)
                      .steps(STEPS)
                      .seed(1)
                      .build())
              .image(0);
      for (long seed : new long[] {1, 2}) {
        List<Double> distances = new ArrayList<>();
        for (double weight : new double[] {0, 0.2, 0.5, 1}) {
          Video video =
              pipeline.generate(
                  MiniModel.request("a blue square moving right on a gray background")
                      .frames(FRAMES)
                      .steps(STEPS)
                      .seed(seed)
                      .keyFrame(1, circle, weight)
                      .build());
          distances.add(distance(video.image(1), circle));
        }
        assertThat(distances).as("seed %s", seed).isSorted().doesNotHaveDuplicates();
      }
    }
  }

  /** Mean difference of a color, in levels. */
  private static double distance(BufferedImage one, BufferedImage other) {
    long sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          sum += Math.abs((one.getRGB(x, y) >> shift & 255) - (other.getRGB(x, y) >> shift & 255));
        }
      }
    }
    return sum / (3.0 * one.getWidth() * one.getHeight());
  }
}
