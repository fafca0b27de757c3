package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Provenance;
import io.t2v.VideoInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FFmpeg's own limit, where the encoder's does not come first. */
class SizeLimitTest {
  @BeforeAll
  static void load() throws FfmpegException {
    Ffmpeg.load();
  }

  private static void open(VideoFormat format, int width, int height) throws FfmpegException {
    VideoInfo clip = new VideoInfo(width, height, 1, 8, Provenance.unknown());
    EncodingPipeline.check(clip, format, new WriterOptions());
  }

  @ParameterizedTest
  @CsvSource({"GIF, 16255, 16255", "GIF, 30000, 8781", "APNG, 16255, 16255"})
  void theLargestFramesAreTaken(VideoFormat format, int width, int height) {
    assertThatCode(() -> open(format, width, height)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "GIF, 16384, 16384",
    "GIF, 16256, 16256",
    "GIF, 30000, 8782",
    "APNG, 16384, 16384",
    "WEBM, 16384, 16384",
    "MKV, 16384, 16384"
  })
  void largerFramesAreRefusedWithTheLimit(VideoFormat format, int width, int height) {
    assertThatExceptionOfType(FfmpegException.class)
        .isThrownBy(() -> open(format, width, height))
        .withMessageContaining("FFmpeg takes no frames of " + width + "×" + height)
        .withMessageContaining("16255×16255");
  }
}
