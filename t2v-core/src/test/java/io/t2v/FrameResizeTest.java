package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden pictures are Pillow's; see docs/reference/README.md. */
class FrameResizeTest {
  private static BufferedImage golden(String name) throws IOException {
    try (InputStream file =
        FrameResizeTest.class.getResourceAsStream("/golden/resize/" + name + ".png")) {
      return ImageIO.read(file);
    }
  }

  private static byte[] rgb(BufferedImage image) {
    byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < rgb.length / 3; i++) {
      int color = image.getRGB(i % image.getWidth(), i / image.getWidth());
      rgb[3 * i] = (byte) (color >> 16);
      rgb[3 * i + 1] = (byte) (color >> 8);
      rgb[3 * i + 2] = (byte) color;
    }
    return rgb;
  }

  private static Video video(BufferedImage... frames) {
    return Video.of(
        frames[0].getWidth(),
        frames[0].getHeight(),
        8,
        List.of(frames).stream().map(FrameResizeTest::rgb).toList(),
        Provenance.unknown());
  }

  @ParameterizedTest
  @CsvSource({"12, 17", "45, 20", "40, 48", "31, 9", "7, 23"})
  void framesAreThoseOfPillow(int width, int height) throws IOException {
    Video source = video(golden("source"));
    for (ResizeFit fit : ResizeFit.values()) {
      BufferedImage expected = golden(fit + "-" + width + "x" + height);
      for (ResizeFilter filter : ResizeFilter.values()) {
        Video resized = FrameResize.to(width, height).filter(filter).fit(fit).apply(source);

        assertThat(resized.rgb(0))
            .as("%s %s", fit, filter)
            .isEqualTo(rgb(expected.getSubimage(filter.ordinal() * width, 0, width, height)));
      }
    }
  }

  @Test
  void allFramesAreResizedAndTheRestStays() throws IOException {
    BufferedImage one = golden("source");
    BufferedImage other = new BufferedImage(31, 23, BufferedImage.TYPE_INT_RGB);
    Video video = video(one, other);

    Video resized = FrameResize.to(45, 20).apply(video);

    assertThat(resized.frameCount()).isEqualTo(2);
    assertThat(resized.width()).isEqualTo(45);
    assertThat(resized.height()).isEqualTo(20);
    assertThat(resized.framesPerSecond()).isEqualTo(8);
    assertThat(resized.provenance()).isSameAs(video.provenance());
    assertThat(resized.rgb(1)).containsOnly(0);
    assertThat(resized.rgb(0)).isEqualTo(FrameResize.to(45, 20).apply(video(one)).rgb());
  }

  @Test
  void defaultsAreBicubicAndStretch() {
    assertThat(FrameResize.to(45, 20))
        .isEqualTo(FrameResize.to(45, 20).filter(ResizeFilter.BICUBIC).fit(ResizeFit.STRETCH))
        .isNotEqualTo(FrameResize.to(45, 20).fit(ResizeFit.CROP))
        .hasToString("FrameResize[45×20, BICUBIC, STRETCH]");
  }

  @Test
  void aVideoIsResizedWithTheDefaults() throws IOException {
    Video video = video(golden("source"));

    assertThat(video.resizedTo(45, 20).rgb()).isEqualTo(FrameResize.to(45, 20).apply(video).rgb());
  }

  @Test
  void theSameSizeChangesNothing() throws IOException {
    Video video = video(golden("source"));

    assertThat(FrameResize.to(31, 23).fit(ResizeFit.PAD).apply(video)).isSameAs(video);
  }

  @Test
  void onePixelIsEnoughForAllFitsAndFilters() {
    Video pixel = Video.of(1, 1, 8, List.of(new byte[] {1, 2, 3}), Provenance.unknown());
    for (ResizeFit fit : ResizeFit.values()) {
      for (ResizeFilter filter : ResizeFilter.values()) {
        Video resized = FrameResize.to(5, 2).filter(filter).fit(fit).apply(pixel);

        assertThat(resized.image(0).getRGB(2, 1)).isEqualTo(0xff010203);
        assertThat(FrameResize.to(1, 1).filter(filter).fit(fit).apply(resized).frameCount())
            .isEqualTo(1);
      }
    }
  }

  @Test
  void badSizesAreRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameResize.to(0, 5))
        .withMessage("size is 0×5, expected sides from 1 to 16384");
    assertThatIllegalArgumentException().isThrownBy(() -> FrameResize.to(5, 16_385));
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> FrameResize.to(5, 5).filter(null));
  }
}
