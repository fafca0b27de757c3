package io.t2v.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled model: against the reference's frames, and what its videos show. */
class MiniModelTest {
  private static final double LEAST_EQUAL_SHARE = 0.999;

  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline = BundledModel.pipeline().build();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dpm25", "ddim50"})
  void framesAreTheReferences(String name) throws IOException {
    Map<?, ?> golden = golden(name);
    var request =
        GenerationRequest.builder((String) golden.get("prompt"))
            .steps(number(golden, "steps").intValue())
            .guidanceScale(number(golden, "guidance_scale").doubleValue())
            .frames(number(golden, "num_frames").intValue())
            .size(number(golden, "width").intValue(), number(golden, "height").intValue())
            .seed(number(golden, "seed").longValue())
            .build();

    byte[] frames;
    if (golden.get("scheduler").equals("dpm")) {
      frames = pipeline.generate(request).rgb();
    } else {
      try (TextToVideoPipeline ownScheduler =
          TextToVideoPipeline.builder()
              .checkpoint(BundledModel.folder())
              .threads(BundledModel.THREADS)
              .build()) {
        frames = ownScheduler.generate(request).rgb();
      }
    }

    byte[] expected = goldenFrames(name);
    assertThat(frames).hasSameSizeAs(expected);
    int equal = 0;
    int worst = 0;
    for (int i = 0; i < frames.length; i++) {
      int difference = Math.abs((frames[i] & 255) - (expected[i] & 255));
      worst = Math.max(worst, difference);
      equal += difference == 0 ? 1 : 0;
    }
    assertThat(worst).as("largest difference of a pixel").isLessThanOrEqualTo(1);
    assertThat((double) equal / frames.length).isGreaterThanOrEqualTo(LEAST_EQUAL_SHARE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, red, circle, moving right, black",
    "1, blue, square, moving up, gray",
    "2, green, triangle, moving left, navy",
    "3, yellow, circle, moving down, black",
    "4, white, square, growing, navy",
    "5, orange, circle, shrinking, gray",
    "6, purple, triangle, moving right, black",
    "7, cyan, square, moving left, black",
    "8, red, triangle, growing, black",
    "9, green, circle, moving up, gray",
    "10, blue, circle, shrinking, black",
    "11, yellow, square, moving right, navy"
  })
  void videoShowsWhatTheCaptionSays(
      long seed, String colour, String shape, String motion, String background) {
    String article = colour.equals("orange") ? "an" : "a";
    String caption =
        "%s %s %s %s on a %s background".formatted(article, colour, shape, motion, background);

    Video video = pipeline.generate(BundledModel.request(caption).seed(seed).build());

    Measured measured = Measured.of(video, background);
    assertThat(measured.colour()).as("%s: %s", caption, measured).isEqualTo(colour);
    assertThat(measured.background()).as("%s: %s", caption, measured).isEqualTo(background);
    assertThat(measured.shows(motion)).as("%s: %s", caption, measured).isTrue();
  }

  private static Number number(Map<?, ?> golden, String key) {
    return (Number) golden.get(key);
  }

  private static Map<?, ?> golden(String name) throws IOException {
    try (InputStream in = resource("mini-model.json")) {
      List<?> cases = (List<?>) JSON.std.mapFrom(in).get("cases");
      return cases.stream()
          .map(item -> (Map<?, ?>) item)
          .filter(item -> name.equals(item.get("name")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static byte[] goldenFrames(String name) throws IOException {
    try (InputStream in = resource("mini-model.safetensors")) {
      ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[Math.toIntExact(file.getLong())];
      file.get(header);
      Map<String, Object> tensors = JSON.std.mapFrom(new String(header, StandardCharsets.UTF_8));
      Map<?, ?> tensor = (Map<?, ?>) tensors.get(name + ".frames");
      List<?> offsets = (List<?>) tensor.get("data_offsets");
      int begin = ((Number) offsets.get(0)).intValue();
      byte[] frames = new byte[((Number) offsets.get(1)).intValue() - begin];
      file.position(file.position() + begin).get(frames);
      return frames;
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(MiniModelTest.class.getResourceAsStream("/golden/" + name), name);
  }
}
