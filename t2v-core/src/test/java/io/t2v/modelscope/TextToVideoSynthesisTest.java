package io.t2v.modelscope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.scheduler.DdimScheduler;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubTextEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextToVideoSynthesisTest {
  private static final byte[] FILE = {1, 2, 3};

  @TempDir Path folder;

  private final List<Video> encoded = new ArrayList<>();
  private final TextToVideoSynthesis synthesis =
      TextToVideoSynthesis.of(
          builder(),
          video -> {
            encoded.add(video);
            return FILE;
          });

  private static PipelineBuilder builder() {
    return TextToVideoPipeline.builder()
        .textEncoder(new StubTextEncoder(8))
        .denoiser(new StubDenoiser(8, null))
        .vaeDecoder(new StubDecoder(4))
        .threads(1);
  }

  @AfterEach
  void close() {
    synthesis.close();
  }

  @Test
  void returnsBytes() throws IOException {
    assertThat(synthesis.call(input())).isEqualTo(Map.of("output_video", FILE));
  }

  @Test
  void writesAFile() throws IOException {
    Path file = folder.resolve("panda.mp4");
    assertThat(synthesis.call(input(), file)).isEqualTo(Map.of("output_video", file));
    assertThat(file).hasBinaryContent(FILE);
    synthesis.call(input(), file);
    assertThat(folder).isDirectoryContaining(file::equals);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void fixesWhatModelScopeFixes() throws IOException {
    synthesis.withSeed(5).call(input());
    Video video = encoded.get(0);
    assertThat(video.frameCount()).isEqualTo(16);
    assertThat(video.framesPerSecond()).isEqualTo(8);
    assertThat(video.provenance().properties())
        .containsEntry("steps", 50)
        .containsEntry("guidanceScale", 9.0)
        .containsEntry("eta", 0.0)
        .containsEntry("seed", 5L)
        .containsEntry("pixelRounding", "FLOOR")
        .containsEntry("scheduler", "DDIMScheduler")
        .doesNotContainKey("negativePrompt");
  }

  @Test
  void takesTheSizeAndCutsItToMultiplesOf8() throws IOException {
    synthesis.call(Map.of("text", "a cat", "height", 17, "width", 31));
    assertThat(encoded.get(0).height()).isEqualTo(16);
    assertThat(encoded.get(0).width()).isEqualTo(24);
  }

  @Test
  void theDefaultSizeIs256() throws IOException {
    synthesis.call(Map.of("text", ""));
    assertThat(encoded.get(0).height()).isEqualTo(256);
    assertThat(encoded.get(0).width()).isEqualTo(256);
  }

  @Test
  void refusesOtherKeysByName() {
    assertRefused(
        Map.of("text", "a cat", "seed", 1, "prompt", "x"),
        "seed",
        "prompt",
        "[height, text, width]");
  }

  @Test
  void refusesHalfASize() {
    assertRefused(Map.of("text", "a cat", "width", 64), "one of height and width");
    assertRefused(Map.of("text", "a cat", "height", 64), "one of height and width");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "height", "width"})
  void refusesValuesOfAnotherKind(String key) {
    for (Object value : new Object[] {null, 7, 64.0, List.of()}) {
      Map<String, Object> input = new HashMap<>(input());
      input.put(key, value);
      assertRefused(input, key + " is " + value);
    }
  }

  private void assertRefused(Map<String, ?> input, String... parts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> synthesis.call(input))
        .withMessageContainingAll(parts);
    assertThat(encoded).isEmpty();
  }

  @Test
  void asksForAFolderBeforeItComputes() {
    Path file = folder.resolve("no-folder").resolve("panda.mp4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> synthesis.call(input(), file))
        .withMessageContaining("output_video is " + file);
    assertThat(encoded).isEmpty();
  }

  @Test
  void leavesNothingBehindIfEncodingFails() throws IOException {
    try (TextToVideoSynthesis failing =
        TextToVideoSynthesis.of(
            builder(),
            video -> {
              throw new IOException("no encoder");
            })) {
      assertThatIOException()
          .isThrownBy(() -> failing.call(input(), folder.resolve("panda.mp4")))
          .withMessage("no encoder");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void bringsItsOwnScheduler() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoSynthesis.of(
                    builder().scheduler(DdimScheduler::fromConfig), video -> FILE))
        .withMessageContaining("scheduler was already set to");
  }

  private static Map<String, Object> input() {
    return Map.of("text", "A panda eating bamboo on a rock.", "height", 16, "width", 24);
  }
}
