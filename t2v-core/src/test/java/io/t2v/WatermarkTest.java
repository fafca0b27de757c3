package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.testing.TinyPipeline;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mark changes, and what it survives without codecs. */
class WatermarkTest {
  private static final long PAYLOAD = 0x0123456789abcdefL;
  private static final int SIDE = 64;

  @TempDir Path folder;

  /** Paints each byte of each frame. */
  private static Video clip(int width, int height, int frames, IntUnaryOperator painter) {
    List<byte[]> pictures = new ArrayList<>();
    for (int t = 0; t < frames; t++) {
      byte[] picture = new byte[3 * width * height];
      for (int i = 0; i < picture.length; i++) {
        picture[i] = (byte) painter.applyAsInt(i);
      }
      pictures.add(picture);
    }
    return Video.of(width, height, 8, pictures, Provenance.unknown());
  }

  private static Video flat(int level) {
    return clip(SIDE, SIDE, 2, at -> level);
  }

  private static Video noise(int seed) {
    Random random = new Random(seed);
    return clip(SIDE, SIDE, 8, at -> random.nextInt(256));
  }

  private static Video waves(int width, int height) {
    return clip(
        width,
        height,
        2,
        at -> (int) (127 + 100 * Math.sin(at / 3 % width / 9.0 + at / 3 / width)));
  }

  static Stream<Video> clips() {
    return Stream.of(flat(0), flat(128), flat(255), noise(1), waves(SIDE, SIDE), waves(177, 99));
  }

  private static double psnr(Video expected, Video actual) {
    double squares = 0;
    byte[] a = expected.rgb();
    byte[] b = actual.rgb();
    for (int i = 0; i < a.length; i++) {
      double difference = (a[i] & 0xff) - (b[i] & 0xff);
      squares += difference * difference;
    }
    return 10 * Math.log10(255.0 * 255.0 * a.length / squares);
  }

  @ParameterizedTest
  @MethodSource("clips")
  void isReadBackAndHardlySeen(Video clip) {
    Video marked = Watermark.write(clip, PAYLOAD);

    assertThat(Watermark.read(marked)).hasValue(PAYLOAD);
    assertThat(psnr(clip, marked)).isGreaterThan(42);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1, Long.MIN_VALUE})
  void carriesAnyBits(long payload) {
    assertThat(Watermark.read(Watermark.write(noise(2), payload))).hasValue(payload);
  }

  @ParameterizedTest
  @MethodSource("clips")
  void isNotFoundWhereThereIsNone(Video clip) {
    assertThat(Watermark.read(clip)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("clips")
  void survivesScaling(Video clip) {
    Video marked = Watermark.write(clip, PAYLOAD);
    Video half = FrameResize.to(marked.width() / 2, marked.height() / 2).apply(marked);
    Video back = FrameResize.to(marked.width(), marked.height()).apply(half);
    Video large = FrameResize.to(300, 301).apply(marked);

    assertThat(Watermark.read(half)).hasValue(PAYLOAD);
    assertThat(Watermark.read(back)).hasValue(PAYLOAD);
    assertThat(Watermark.read(large)).hasValue(PAYLOAD);
  }

  @Test
  void survivesABlurThatTheReaderHasToUndo() {
    Video marked = Watermark.write(noise(3), PAYLOAD);
    Video half = FrameResize.to(SIDE / 2, SIDE / 2).filter(ResizeFilter.BILINEAR).apply(marked);
    Video back = FrameResize.to(SIDE, SIDE).filter(ResizeFilter.BILINEAR).apply(half);

    assertThat(Watermark.read(back)).hasValue(PAYLOAD);
  }

  @Test
  void survivesOtherLightnessAndLeftOutFrames() {
    Video marked = Watermark.write(waves(SIDE, SIDE), PAYLOAD);
    List<byte[]> rest = new ArrayList<>();
    byte[] lighter = marked.rgb(1);
    for (int i = 0; i < lighter.length; i++) {
      lighter[i] = (byte) (lighter[i] + 8);
    }
    rest.add(lighter);

    assertThat(Watermark.read(Video.of(SIDE, SIDE, 24, rest, Provenance.unknown())))
        .hasValue(PAYLOAD);
  }

  @Test
  void isReplacedByANewMark() {
    Video marked = Watermark.write(Watermark.write(waves(SIDE, SIDE), 1), 2);
    assertThat(Watermark.read(marked)).hasValue(2);
  }

  @Test
  void isThatOfTheDescription() throws IOException {
    Video marked = Watermark.write(golden("picture"), PAYLOAD);
    byte[] actual = marked.rgb(0);
    byte[] expected = golden("marked").rgb(0);

    assertThat(Watermark.read(golden("marked"))).hasValue(PAYLOAD);
    // Floats here and doubles there round a few pixels to another side.
    long others = IntStream.range(0, actual.length).filter(i -> actual[i] != expected[i]).count();
    assertThat(others).isLessThan(actual.length / 1000);
  }

  private static Video golden(String name) throws IOException {
    try (InputStream file =
        WatermarkTest.class.getResourceAsStream("/golden/watermark/" + name + ".png")) {
      BufferedImage image = ImageIO.read(file);
      return Frames.ofImage(image);
    }
  }

  @Test
  void refusesFramesThatAreTooSmall() {
    Video small = clip(80, 63, 1, at -> 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Watermark.write(small, 1))
        .withMessage("the video has 80 × 63 pixels, but a watermark needs sides of at least 64");
    assertThat(Watermark.read(clip(3, 2, 1, at -> 0))).isEmpty();
  }

  @Test
  void isInAllThatAGenerationReturns() throws IOException {
    GenerationRequest plain = TinyPipeline.request().size(64, 72).build();
    GenerationRequest request = plain.toBuilder().watermark(PAYLOAD).build();
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      Video video = pipeline.generate(request);
      VideoCollector frames = new VideoCollector();
      pipeline.prepare(request).toFrames(frames.sink());

      assertThat(Watermark.read(video)).hasValue(PAYLOAD);
      assertThat(video.provenance().properties())
          .containsEntry(Provenance.WATERMARK, "0123456789abcdef");
      assertThat(frames.videos(Map.of()).get(0).rgb()).isEqualTo(video.rgb());
      assertThat(Watermark.write(pipeline.generate(plain), PAYLOAD).rgb()).isEqualTo(video.rgb());
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> pipeline.prepare(TinyPipeline.request().size(64, 32).watermark(1).build()))
          .withMessageContaining("a watermark needs sides of at least 64");
    }
  }

  @Test
  void isASettingOfRequestsLikeOthers() {
    GenerationRequest request = GenerationRequest.builder("a red circle").watermark(-2).build();

    assertThat(request.watermark()).hasValue(-2);
    assertThat(request.toProperties()).containsEntry("watermark", "fffffffffffffffe");
    assertThat(GenerationRequest.fromProperties(request.toProperties())).isEqualTo(request);
    assertThat(request.toBuilder().build()).isEqualTo(request);
    assertThat(request).isNotEqualTo(GenerationRequest.builder("a red circle").build());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.fromProperties(
                    Map.of("prompts", List.of("a red circle"), "watermark", "xyz")))
        .withMessage("watermark is xyz, expected 1 to 16 hexadecimal digits");
  }
}
