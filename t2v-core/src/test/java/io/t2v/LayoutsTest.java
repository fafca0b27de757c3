package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.collect.Lists;
import com.google.common.io.Resources;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.scheduler.DdimScheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RawTorchFile;
import io.t2v.testing.StoredTensor;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubTextEncoder;
import io.t2v.testing.TinyPipeline;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same weights, wherever and however they are stored, make the same frames. */
class LayoutsTest {
  private static final Map<String, String> STEMS =
      Map.of(
          "unet", "diffusion_pytorch_model",
          "vae", "diffusion_pytorch_model",
          "text_encoder", "model");

  @TempDir static Path temporary;
  private static byte[] expected;
  private static byte[] expectedHalf;

  @TempDir Path folder;
  private Path checkpoint;

  @BeforeAll
  static void generateFromPlainSafetensors() {
    expected = frames(GoldenModel.write("one-level", temporary.resolve("full")));
    expectedHalf = frames(GoldenModel.write("one-level", temporary.resolve("half"), "F16"));
    assertThat(expectedHalf).isNotEqualTo(expected);
  }

  @BeforeEach
  void writeTheModel() {
    checkpoint = GoldenModel.write("one-level", folder.resolve("model"));
  }

  @Test
  void opensPickles() {
    STEMS.keySet().forEach(part -> replace(part, pickle(part, ""), RawTorchFile::zip));
    assertThat(frames(checkpoint)).isEqualTo(expected);
  }

  @Test
  void opensPicklesOfTheFormatBeforeZip() {
    STEMS.keySet().forEach(part -> replace(part, pickle(part, ""), RawTorchFile::legacy));
    assertThat(frames(checkpoint)).isEqualTo(expected);
  }

  @Test
  void opensWhatTorchItselfSaved() throws IOException, URISyntaxException {
    for (String file :
        List.of("vae/diffusion_pytorch_model.bin", "text_encoder/pytorch_model.bin")) {
      Path saved = Path.of(Resources.getResource("golden/pickles/one-level/" + file).toURI());
      Files.copy(saved, checkpoint.resolve(file));
    }
    Files.delete(safetensors("vae"));
    Files.delete(safetensors("text_encoder"));
    assertThat(frames(checkpoint)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {".safetensors", ".bin"})
  void opensShards(String ending) throws IOException {
    for (String part : STEMS.keySet()) {
      shard(part, ending, "");
    }
    assertThat(frames(checkpoint)).isEqualTo(expected);
  }

  @Test
  void prefersSafetensors() throws IOException {
    Files.writeString(checkpoint.resolve("unet/diffusion_pytorch_model.bin"), "no pickle");
    Files.writeString(checkpoint.resolve("text_encoder/pytorch_model.bin"), "no pickle");
    TextToVideoPipeline.builder().checkpoint(checkpoint).build().close();
  }

  @ParameterizedTest
  @CsvSource({"safetensors", "bin", "shards"})
  void opensAVariant(String kind) throws IOException {
    GoldenModel.write("one-level", folder.resolve("half"), "F16");
    for (String part : STEMS.keySet()) {
      List<StoredTensor> half =
          StoredTensor.read(
              folder.resolve("half").resolve(part).resolve(STEMS.get(part) + ".safetensors"));
      switch (kind) {
        case "safetensors" ->
            StoredTensor.write(
                checkpoint.resolve(part).resolve(STEMS.get(part) + ".fp16.safetensors"), half);
        case "bin" ->
            RawTorchFile.zip(checkpoint.resolve(part).resolve(pickle(part, ".fp16")), half);
        default -> shards(part, half, ".bin", ".fp16");
      }
    }
    assertThat(frames(TextToVideoPipeline.builder().checkpoint(checkpoint).variant("fp16")))
        .isEqualTo(expectedHalf);
  }

  @Test
  void takesPlainWeightsWhereOnlyAnotherPartHasTheVariant() {
    StoredTensor.write(
        checkpoint.resolve("unet/diffusion_pytorch_model.fp16.safetensors"),
        StoredTensor.read(safetensors("unet")));
    assertThat(frames(TextToVideoPipeline.builder().checkpoint(checkpoint).variant("fp16")))
        .isEqualTo(expected);
  }

  @Test
  void opensHalfPrecisionWithoutItsName() {
    Path half = GoldenModel.write("one-level", folder.resolve("half"), "F16");
    Path unet = half.resolve("unet/diffusion_pytorch_model.safetensors");
    List<StoredTensor> tensors = StoredTensor.read(unet);
    RawTorchFile.legacy(unet.resolveSibling("diffusion_pytorch_model.bin"), tensors);
    delete(unet);
    assertThat(frames(half)).isEqualTo(expectedHalf);
  }

  @ParameterizedTest
  @CsvSource({
    "unet.safetensors, ''",
    "unet.pth, ''",
    "unet.pt, state_dict.",
    "unet.bin, module.unet."
  })
  void putsAUnetOverACheckpoint(String file, String prefix) {
    List<StoredTensor> tensors =
        new ArrayList<>(
            StoredTensor.read(safetensors("unet")).stream()
                .map(tensor -> tensor.named(prefix + tensor.name()))
                .toList());
    Path single = folder.resolve(file);
    if (file.endsWith(".safetensors")) {
      StoredTensor.write(single, tensors);
    } else {
      RawTorchFile.zip(single, tensors);
    }
    delete(safetensors("unet"));
    PipelineBuilder builder =
        TextToVideoPipeline.builder().checkpoint(checkpoint).unetWeights(single).threads(1);
    try (TextToVideoPipeline pipeline = builder.build()) {
      Video video = pipeline.generate(TinyPipeline.request().steps(1).build());
      assertThat(video.rgb()).isEqualTo(expected);
      assertThat(video.provenance().properties())
          .containsEntry(Provenance.CHECKPOINT, checkpoint.toString())
          .containsEntry(Provenance.UNET_WEIGHTS, single.toString());
    }
  }

  @Test
  void refusesASingleFileThatIsNoUnet() {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .checkpoint(checkpoint)
                    .unetWeights(safetensors("vae"))
                    .build())
        .withMessageContainingAll(safetensors("vae").toString(), "holds no UNet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "other/vae"})
  void takesTheAutoencoderFromElsewhere(String source) throws IOException {
    Path vae = Files.createDirectories(folder.resolve("other")).resolve("vae");
    Files.move(checkpoint.resolve("vae"), vae);
    assertThat(
            frames(
                TextToVideoPipeline.builder()
                    .checkpoint(checkpoint)
                    .vaeFrom(folder.resolve(source))))
        .isEqualTo(expected);
  }

  @Test
  void namesTheMissingAutoencoder() throws IOException {
    Path vae = checkpoint.resolve("vae");
    Files.move(vae, folder.resolve("elsewhere"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> frames(checkpoint))
        .withMessageContainingAll("no folder " + vae, "AutoencoderKL", "vaeFrom(path)");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> frames(TextToVideoPipeline.builder().checkpoint(checkpoint).vaeFrom(folder)))
        .withMessageContaining("There is no autoencoder in " + folder);
  }

  @Test
  void needsNoFilesOfWhatItIsGiven() throws IOException {
    Files.writeString(
        checkpoint.resolve("model_index.json"), "{\"_class_name\": \"VideoToVideoSDPipeline\"}");
    for (String part : List.of("unet", "vae", "text_encoder", "tokenizer", "scheduler")) {
      Files.move(checkpoint.resolve(part), folder.resolve("away-" + part));
    }
    TextToVideoPipeline.builder()
        .checkpoint(checkpoint)
        .textEncoder(new StubTextEncoder(6))
        .denoiser(new StubDenoiser(6, null))
        .vaeDecoder(new StubDecoder(4))
        .scheduler(DdimScheduler.fromConfig(new SchedulerConfig("DDIMScheduler", Map.of())))
        .build()
        .close();
  }

  @Test
  void refusesPartsThatContradictEachOther() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .checkpoint(checkpoint)
                    .vaeDecoder(new StubDecoder(4))
                    .vaeFrom(folder)
                    .build())
        .withMessageContainingAll("vaeFrom = " + folder, "is set together with vaeDecoder");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .checkpoint(checkpoint)
                    .denoiser(new StubDenoiser(6, null))
                    .unetWeights(folder)
                    .build())
        .withMessageContainingAll("unetWeights = ", "is set together with denoiser");
  }

  private Path safetensors(String part) {
    return checkpoint.resolve(part).resolve(STEMS.get(part) + ".safetensors");
  }

  private static String pickle(String part, String infix) {
    return (part.equals("text_encoder") ? "pytorch_model" : STEMS.get(part)) + infix + ".bin";
  }

  private void replace(String part, String file, BiConsumer<Path, List<StoredTensor>> writer) {
    writer.accept(checkpoint.resolve(part).resolve(file), StoredTensor.read(safetensors(part)));
    delete(safetensors(part));
  }

  private void shard(String part, String ending, String infix) throws IOException {
    shards(part, StoredTensor.read(safetensors(part)), ending, infix);
    Files.delete(safetensors(part));
  }

  private void shards(String part, List<StoredTensor> tensors, String ending, String infix)
      throws IOException {
    Path target = checkpoint.resolve(part);
    String stem = ending.equals(".bin") ? pickle(part, "").replace(".bin", "") : STEMS.get(part);
    List<String> weightMap = new ArrayList<>();
    List<List<StoredTensor>> halves = Lists.partition(tensors, tensors.size() / 2 + 1);
    for (int i = 0; i < halves.size(); i++) {
      String name = stem + infix + "-0000" + (i + 1) + "-of-00002" + ending;
      if (ending.equals(".bin")) {
        RawTorchFile.zip(target.resolve(name), halves.get(i));
      } else {
        StoredTensor.write(target.resolve(name), halves.get(i));
      }
      halves.get(i).forEach(t -> weightMap.add("\"%s\": \"%s\"".formatted(t.name(), name)));
    }
    Files.writeString(
        target.resolve(stem + ending + ".index" + infix + ".json"),
        "{\"metadata\": {}, \"weight_map\": {" + String.join(", ", weightMap) + "}}");
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] frames(Path checkpoint) {
    return frames(TextToVideoPipeline.builder().checkpoint(checkpoint));
  }

  private static byte[] frames(PipelineBuilder builder) {
    try (TextToVideoPipeline pipeline = builder.threads(1).build()) {
      return pipeline.generate(TinyPipeline.request().steps(1).build()).rgb();
    }
  }
}
