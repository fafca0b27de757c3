package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.Video;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameInterpolationTest {
  private static final int GROUND = 40;

  /** A square of 16 pixels that moves 6 pixels to the right with each frame. */
  private static Video movingSquare(int width, int height, int frames) {
    return Clips.paint(
        width,
        height,
        frames,
        8,
        (x, y, t) ->
            x >= 8 + 6 * t && x < 24 + 6 * t && y >= 24 && y < 40 ? 0xdcdcdc : 0x010101 * GROUND);
  }

  /** Where the middle of the bright part is, from the left. */
  private static double middle(Video video, int frame) {
    byte[] rgb = video.rgb(frame);
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < rgb.length; i += 3) {
      double weight = Math.max(0, (rgb[i] & 0xff) - GROUND - 8);
      sum += weight * (i / 3 % video.width());
      weights += weight;
    }
    return sum / weights;
  }

  @Test
  void wholeFactorsKeepAllFramesAndPutOthersBetween() {
    Video video = movingSquare(128, 96, 8);

    Video smooth = FrameInterpolation.to(24).apply(video);

    assertThat(smooth.framesPerSecond()).isEqualTo(24);
    assertThat(smooth.frameCount()).isEqualTo(7 * 3 + 1);
    for (int t = 0; t < 8; t++) {
      assertThat(smooth.rgb(3 * t)).as("frame %s", t).isEqualTo(video.rgb(t));
    }
    for (int t = 0; t < 7; t++) {
      double from = middle(video, t);
      assertThat(middle(smooth, 3 * t + 1)).isBetween(from + 0.5, from + 4);
      assertThat(middle(smooth, 3 * t + 2)).isBetween(from + 2, from + 5.5);
    }
  }

  @Test
  void theFrameInTheMiddleLiesBetween() {
    Video video = movingSquare(128, 96, 8);

    Video smooth = FrameInterpolation.to(16).apply(video);

    assertThat(smooth.frameCount()).isEqualTo(15);
    for (int t = 0; t < 7; t++) {
      double from = middle(video, t);
      assertThat(middle(smooth, 2 * t + 1)).isBetween(from + 1.5, from + 4.5);
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 19", "12, 12", "8.5, 8", "23.976, 22"})
  void otherFactorsReachFromTheFirstToTheLastFrame(double rate, int frames) {
    Video video = movingSquare(128, 96, 8);

    Video smooth = FrameInterpolation.to(rate).apply(video);

    assertThat(smooth.frameCount()).isEqualTo(frames);
    assertThat(smooth.framesPerSecond()).isEqualTo(rate);
    assertThat(smooth.rgb(0)).isEqualTo(video.rgb(0));
    assertThat(smooth.rgb(frames - 1)).isEqualTo(video.rgb(7));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 90", "33, 17", "65, 63"})
  void anySizeWorks(int width, int height) {
    Video video = movingSquare(width, height, 3);

    Video smooth = FrameInterpolation.to(24).apply(video);

    assertThat(smooth.frameCount()).isEqualTo(7);
    assertThat(smooth.width()).isEqualTo(width);
    assertThat(smooth.height()).isEqualTo(height);
    assertThat(smooth.rgb(6)).isEqualTo(video.rgb(2));
  }

  @Test
  void whatDoesNotMoveStays() {
    Video video = Clips.flat(0x336699, 64, 64, 2);

    Video smooth = FrameInterpolation.to(16).apply(video);

    for (int channel = 0; channel < 3; channel++) {
      assertThat(Math.abs((smooth.rgb(1)[channel] & 0xff) - (video.rgb(0)[channel] & 0xff)))
          .isLessThanOrEqualTo(2);
    }
  }

  @Test
  void singleFramesAndEqualRatesNeedNothing() {
    Video one = movingSquare(64, 64, 1);
    Video two = movingSquare(64, 64, 2);

    assertThat(FrameInterpolation.to(24).apply(one).frameCount()).isEqualTo(1);
    assertThat(FrameInterpolation.to(24).apply(one).framesPerSecond()).isEqualTo(24);
    assertThat(FrameInterpolation.to(8).apply(two).rgb()).isEqualTo(two.rgb());
  }

  @Test
  void ratesThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameInterpolation.to(0))
        .withMessageContaining("framesPerSecond is 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameInterpolation.to(4).apply(movingSquare(64, 64, 2)))
        .withMessageContaining("framesPerSecond is 4.0, expected at least the video's own 8.0");
  }

  @Test
  void nativeMemoryIsFreedAgain() {
    Video video = movingSquare(64, 64, 3);
    FrameInterpolation.to(24).apply(video);
    long objects = Pointer.totalCount();

    for (int i = 0; i < 5; i++) {
      FrameInterpolation.to(24).apply(video);
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
  }
}
