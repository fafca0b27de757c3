package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that are no checkpoint, or another model's. */
class CheckpointFilesTest {
  private static final String INDEX =
      """
      {"_class_name": "TextToVideoSDPipeline", "_diffusers_version": "0.15.0",
       "scheduler": ["diffusers", "DDIMScheduler"],
       "text_encoder": ["transformers", "CLIPTextModel"],
       "tokenizer": ["transformers", "CLIPTokenizer"],
       "unet": ["diffusers", "UNet3DConditionModel"],
       "vae": ["diffusers", "AutoencoderKL"]}
      """;

  @TempDir Path folder;

  @Test
  void opensATextToVideoCheckpoint() throws IOException {
    index(INDEX);
    assertThat(CheckpointFiles.open(folder).identity())
        .isEqualTo(Map.of("path", folder.toString()));
    assertThat(CheckpointFiles.open(folder, "fp16").identity())
        .isEqualTo(Map.of("path", folder.toString(), "variant", "fp16"));
  }

  @Test
  void opensAVideoToVideoCheckpoint() throws IOException {
    index(INDEX.replace("TextToVideoSDPipeline", "VideoToVideoSDPipeline"));
    assertThat(CheckpointFiles.open(folder).folder()).isEqualTo(folder);
  }

  @Test
  void takesTheFastTokenizer() throws IOException {
    GoldenModel.write("one-level", folder);
    index(INDEX.replace("CLIPTokenizer", "CLIPTokenizerFast"));
    openAll();
  }

  @Test
  void namesAMissingFolder() {
    Path missing = folder.resolve("no-model");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> CheckpointFiles.open(missing))
        .withMessage(
            "There is no folder %s. Expected a checkpoint in diffusers' or ModelScope's layout.",
            missing);
  }

  @Test
  void refusesAFileInPlaceOfTheFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> CheckpointFiles.open(file))
        .withMessageContaining(file + " is a file, expected the folder of a checkpoint.");
  }

  @Test
  void namesAMissingIndex() {
    assertRefused(
        "There is no file " + folder.resolve("model_index.json"),
        "Expected a checkpoint in diffusers layout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "{\"_class_name\"", "[1, 2]", "null", "{} {}", "\"text\""})
  void refusesAnIndexThatIsNoJsonObject(String json) throws IOException {
    index(json);
    assertRefused(folder.resolve("model_index.json") + ": expected ");
  }

  @Test
  void refusesAnIndexThatIsNoUtf8() throws IOException {
    Files.write(
        folder.resolve("model_index.json"), "{\"é\": 1}".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(folder.resolve("model_index.json") + ": expected JSON in UTF-8");
  }

  @Test
  void refusesAnIndexWithAKeyTwice() throws IOException {
    index(INDEX.replace("{\"_class", "{\"vae\": null, \"_class"));
    assertRefused(folder.resolve("model_index.json") + ": found the key \"vae\" twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"StableDiffusionPipeline", "AnimateDiffPipeline", "TextToVideoZeroPipeline"})
  void refusesAnotherPipeline(String pipeline) throws IOException {
    index(INDEX.replace("TextToVideoSDPipeline", pipeline));
    assertRefused(
        folder.resolve("model_index.json") + ": _class_name is " + pipeline,
        "TextToVideoSDPipeline",
        "VideoToVideoSDPipeline",
        "other pipelines are not supported");
  }

  @Test
  void refusesAnIndexWithoutClass() throws IOException {
    index("{}");
    assertRefused("_class_name is null, expected one of");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text_encoder", "tokenizer", "unet", "vae"})
  void takesAComponentThatTheIndexDoesNotName(String component) throws IOException {
    GoldenModel.write("one-level", folder);
    index(INDEX.replace("\"" + component + "\"", "\"other\""));
    openAll();
    index(INDEX.replaceAll("\"" + component + "\": [^]]+", "\"" + component + "\": [null, null"));
    openAll();
  }

  @Test
  void takesClassesOfAModuleOfTheCheckpoint() throws IOException {
    GoldenModel.write("one-level", folder);
    index(
        INDEX.replace(
            "[\"diffusers\", \"UNet3DConditionModel\"]",
            "[\"models.unet_3d_condition\", \"UNet3DConditionModel\"]"));
    openAll();
    index(INDEX.replace("\"diffusers\"", "null").replace("\"transformers\"", "null"));
    openAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CLIPTextModel", "CLIPTokenizer", "UNet3DConditionModel", "AutoencoderKL"})
  void namesAComponentOfAnotherClass(String className) throws IOException {
    GoldenModel.write("one-level", folder);
    index(INDEX.replace(className, "Other"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(this::openAll)
        .withMessageContainingAll(", Other], expected a library and one of [", className);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"UNet3DConditionModel\"", "[\"UNet3DConditionModel\"]", "{}"})
  void refusesAComponentOfAnotherForm(String entry) throws IOException {
    GoldenModel.write("one-level", folder);
    index(INDEX.replace("[\"diffusers\", \"UNet3DConditionModel\"]", entry));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(this::openAll)
        .withMessageContainingAll(
            "unet is ", "expected a library and one of [UNet3DConditionModel]");
  }

  @Test
  void refusesOptionsOfAnotherClass() throws IOException {
    GoldenModel.write("one-level", folder);
    Path config = folder.resolve("unet/config.json");
    Files.writeString(
        config, Files.readString(config).replace("UNet3DConditionModel", "UNetMotionModel"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(this::openAll)
        .withMessage(
            config + ": _class_name is UNetMotionModel, expected one of [UNet3DConditionModel].");
  }

  private void openAll() {
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    checkpoint.unetConfig();
    checkpoint.unetWeights();
    checkpoint.vaeConfig();
    checkpoint.vaeWeights();
    checkpoint.textEncoderConfig();
    checkpoint.textEncoderWeights();
    checkpoint.schedulerConfig();
    assertThat(checkpoint.tokenizerFolder()).hasValue(folder.resolve("tokenizer"));
  }

  @Test
  void namesMissingComponentFolders() throws IOException {
    index(INDEX);
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    assertMissing("no folder " + folder.resolve("unet"), checkpoint::unetConfig);
    assertMissing("vaeFrom(path)", checkpoint::vaeConfig);
    assertMissing("no folder " + folder.resolve("text_encoder"), checkpoint::textEncoderConfig);
    assertMissing("no folder " + folder.resolve("tokenizer"), checkpoint::tokenizerFolder);
    assertMissing("scheduler/scheduler_config.json", checkpoint::schedulerConfig);
    assertMissing("unet", checkpoint::unetWeights);
    assertMissing("vae", checkpoint::vaeWeights);
    assertMissing("text_encoder", checkpoint::textEncoderWeights);
  }

  @Test
  void findsAllPartsOfAModel() {
    CheckpointFiles checkpoint = CheckpointFiles.open(GoldenModel.write("one-level", folder));
    assertThat(checkpoint.unetConfig().positive("layers_per_block", 0)).isEqualTo(3);
    assertThat(checkpoint.unetWeights().names()).contains("conv_in.weight");
    assertThat(checkpoint.vaeWeights().names()).contains("post_quant_conv.bias");
    assertThat(checkpoint.textEncoderWeights().dtypes()).containsExactly("F32");
  }

  private static void assertMissing(String name, Runnable part) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(part::run)
        .withMessageContaining(name);
  }

  private void index(String json) throws IOException {
    Files.writeString(folder.resolve("model_index.json"), json);
  }

  private void assertRefused(String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> CheckpointFiles.open(folder))
        .withMessageContainingAll(parts);
  }
}
