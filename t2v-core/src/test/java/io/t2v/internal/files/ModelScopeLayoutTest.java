package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.ModelScopeModel;
import io.t2v.testing.RawSafetensors;
import io.t2v.testing.RawTorchFile;
import io.t2v.testing.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and options, against diffusers' own conversion of them. */
class ModelScopeLayoutTest {
  private static final String FIRST = "input_blocks.0.0.weight";
  private static final StoredTensor NUMBER =
      new StoredTensor("", "F32", new long[] {1}, new byte[Float.BYTES]);

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    ModelScopeModel.write(shared);
  }

  /** The whole checkpoint, without writing it again. */
  private Path linked() throws IOException {
    try (Stream<Path> files = Files.list(shared)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.createLink(folder.resolve(file.getFileName()), file);
      }
    }
    return folder;
  }

  @Test
  void showsEveryTensorUnderTheNameOfDiffusersConversion() {
    CheckpointFiles checkpoint = CheckpointFiles.open(shared);
    assertNames(checkpoint.unetWeights(), ModelScopeModel.origins("unet"));
    assertNames(checkpoint.textEncoderWeights(), ModelScopeModel.origins("text_encoder"));
    Map<String, Object> vae = new HashMap<>(ModelScopeModel.origins("vae"));
    vae.replaceAll((name, origin) -> List.of("state_dict." + ((List<?>) origin).get(0), 0));
    assertNames(checkpoint.vaeWeights(), vae);
  }

  private static void assertNames(TensorFiles files, Map<String, Object> origins) {
    assertThat(files.names()).containsExactlyInAnyOrderElementsOf(origins.keySet());
    origins.forEach(
        (name, origin) -> {
          TensorEntry whole = files.file(name).entries().get(((List<?>) origin).get(0));
          TensorEntry shown =
              files.checkedEntry(
                  name, files.shape(name).stream().mapToLong(Long::longValue).toArray());
          long row = ((Number) ((List<?>) origin).get(1)).longValue();
          assertThat(whole).as(name).isNotNull();
          assertThat(shown.name()).isEqualTo(((List<?>) origin).get(0));
          assertThat(shown.offset())
              .as(name)
              .isEqualTo(row == 0 ? whole.offset() : whole.rows(row, 1).offset());
        });
  }

  @Test
  void knowsTheNamesOfThePublishedUnet() {
    List<String> header = new ArrayList<>();
    Map<String, String> expected = new HashMap<>();
    for (String line : ModelScopeModel.fullSizeUnetNames()) {
      int tab = line.indexOf('\t');
      header.add(RawSafetensors.tensor(line.substring(0, tab), "F32", "[0]", 0, 0));
      expected.put(line.substring(tab + 1), line.substring(0, tab));
    }
    assertThat(expected).hasSizeGreaterThan(1400);
    Path file =
        RawSafetensors.write(
            folder.resolve("names.safetensors"),
            RawSafetensors.header(header.toArray(String[]::new)),
            0);
    TensorFiles shown = UnetSdKeys.forDiffusers(TensorFiles.ofFile(file));
    Map<String, String> actual = new HashMap<>();
    shown.names().forEach(name -> actual.put(name, shown.checkedEntry(name, 0).name()));
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void readsTheOptionsThatDiffusersWrites() {
    CheckpointFiles checkpoint = CheckpointFiles.open(shared);
    assertSameOptions(checkpoint);
    assertThat(checkpoint.frames()).hasValue(3);
    assertThat(checkpoint.schedulerConfig().fields())
        .containsEntry("num_train_timesteps", 1000)
        .containsEntry("steps_offset", 1)
        .containsEntry("_class_name", "DDIMScheduler");
    assertThat(checkpoint.tokenizerFolder()).isEmpty();
    assertThat(checkpoint.identity()).isEqualTo(Map.of("path", shared.toString()));
  }

  @Test
  void readsTheOptionsFromTheWeightsIfThereIsNoConfiguration() throws IOException {
    linked();
    Files.delete(folder.resolve("configuration.json"));
    move(ModelScopeModel.UNET, "zeroscope_v2_dark_30x448x256.pth");
    move(ModelScopeModel.CLIP, "zeroscope_v2_dark_30x448x256_text.bin");
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    assertSameOptions(checkpoint);
    assertThat(checkpoint.frames()).hasValue(16);
    assertNames(checkpoint.unetWeights(), ModelScopeModel.origins("unet"));
  }

  private void move(String from, String to) throws IOException {
    Files.move(folder.resolve(from), folder.resolve(to));
  }

  private static void assertSameOptions(CheckpointFiles checkpoint) {
    assertOptions(checkpoint.unetConfig(), "unet");
    assertOptions(checkpoint.vaeConfig(), "vae");
    assertOptions(checkpoint.textEncoderConfig(), "text_encoder");
  }

  /** What is not said stands for the default, which is the same. */
  private static void assertOptions(JsonConfig actual, String part) {
    Map<String, Object> expected = new TreeMap<>(ModelScopeModel.diffusersConfig(part));
    Map<String, Object> shown = new TreeMap<>(actual.fields());
    shown.keySet().removeAll(List.of("in_channels", "out_channels"));
    expected.keySet().retainAll(shown.keySet());
    assertThat(shown).isEqualTo(expected);
    assertThat(shown).hasSizeGreaterThan(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.diffusion_model.", "state_dict.model.diffusion_model.", "module."})
  void leavesOutWhatStandsBeforeTheNames(String prefix) {
    Path file = unet("prefixed.pth", name -> prefix + name);
    assertThat(UnetSdKeys.forDiffusers(TensorFiles.ofFile(file)).names())
        .isEqualTo(ModelScopeModel.origins("unet").keySet());
  }

  @Test
  void takesTheWeightsOrTheirAverage() throws IOException {
    Path both = Files.createDirectories(folder.resolve("both"));
    List<StoredTensor> tensors = new ArrayList<>();
    for (String name : originalNames()) {
      tensors.add(NUMBER.named("state_dict.model.diffusion_model." + name));
      tensors.add(NUMBER.named("state_dict.model_ema.diffusion_model" + name.replace(".", "")));
    }
    RawTorchFile.zip(both.resolve("model.ckpt"), tensors);
    assertThat(firstOriginal(both, null)).isEqualTo("state_dict.model.diffusion_model." + FIRST);
    assertThat(firstOriginal(both, "ema"))
        .isEqualTo("state_dict.model_ema.diffusion_modelinput_blocks00weight");
    assertThat(CheckpointFiles.open(both, "ema").unetWeights().names())
        .isEqualTo(ModelScopeModel.origins("unet").keySet());
    assertThat(CheckpointFiles.open(both, "ema").identity()).containsEntry("variant", "ema");
  }

  private static String firstOriginal(Path folder, String variant) {
    return CheckpointFiles.open(folder, variant)
        .unetWeights()
        .checkedEntry("conv_in.weight", 1)
        .name();
  }

  private static List<String> originalNames() {
    return ModelScopeModel.origins("unet").values().stream()
        .map(origin -> (String) ((List<?>) origin).get(0))
        .toList();
  }

  @Test
  void namesAMissingAverage() {
    assertRefused(
        () -> CheckpointFiles.open(shared, "ema").unetWeights(),
        "has no averaged weights for",
        "model_ema.",
        "without the variant ema");
  }

  @Test
  void takesTheAutoencoderOfAnotherCheckpointInThisLayout() throws IOException {
    linked();
    Files.delete(folder.resolve(ModelScopeModel.AUTOENCODER));
    CheckpointFiles own = CheckpointFiles.open(folder);
    CheckpointFiles checkpoint = own.withVaeFrom(shared, null);
    assertNames(checkpoint.unetWeights(), ModelScopeModel.origins("unet"));
    assertNames(checkpoint.textEncoderWeights(), ModelScopeModel.origins("text_encoder"));
    assertThat(checkpoint.schedulerConfig().fields()).isEqualTo(own.schedulerConfig().fields());
    assertThat(checkpoint.identity())
        .containsAllEntriesOf(own.identity())
        .containsEntry("vae", shared.toString());
    assertOptions(checkpoint.vaeConfig(), "vae");
    assertThat(checkpoint.vaeWeights().toString()).contains(shared.toString());
    assertThat(checkpoint.frames()).hasValue(3);
  }

  @Test
  void putsAUnetWithOriginalNamesOverAnotherCheckpoint() throws IOException {
    Path file = unet("finetuned.ckpt", name -> "model.diffusion_model." + name);
    Files.writeString(
        folder.resolve("model_index.json"),
        """
        {"_class_name": "TextToVideoSDPipeline", "unet": ["diffusers", "UNet3DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"], "tokenizer": ["transformers", "CLIPTokenizer"],
         "text_encoder": ["transformers", "CLIPTextModel"]}
        """);
    assertThat(CheckpointFiles.open(folder).withUnetWeights(file).unetWeights().names())
        .isEqualTo(ModelScopeModel.origins("unet").keySet());
  }

  @Test
  void refusesAnotherVariant() {
    assertRefused(() -> CheckpointFiles.open(shared, "fp16"), "no variant fp16", "is recognised");
  }

  private Path unet(String file, UnaryOperator<String> name) {
    return RawTorchFile.zip(
        folder.resolve(file),
        originalNames().stream().map(original -> NUMBER.named(name.apply(original))).toList());
  }

  @Test
  void saysWhoseAutoencoderToTakeIfThereIsNone() throws IOException {
    linked();
    Files.delete(folder.resolve(ModelScopeModel.AUTOENCODER));
    for (boolean configured : List.of(true, false)) {
      if (!configured) {
        Files.delete(folder.resolve("configuration.json"));
      }
      CheckpointFiles checkpoint = CheckpointFiles.open(folder);
      assertThat(checkpoint.unetWeights().names()).isNotEmpty();
      assertRefused(
          checkpoint::vaeConfig,
          folder
              + " has no autoencoder: expected VQGAN_autoencoder.pth, found ["
              + "open_clip_pytorch_model.bin, text2video_pytorch_model.pth]",
          "vaeFrom",
          "text-to-video-ms-1.7b");
    }
  }

  @Test
  void namesTheFileThatHoldsANetworkUnderAnotherName() throws IOException {
    linked();
    for (String file :
        List.of(ModelScopeModel.UNET, ModelScopeModel.CLIP, ModelScopeModel.AUTOENCODER)) {
      move(file, "renamed-" + file);
    }
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    String cure = " holds one: rename it to %s, or write its name into configuration.json.";
    assertRefused(
        checkpoint::unetWeights,
        "expected " + ModelScopeModel.UNET,
        "renamed-" + ModelScopeModel.UNET + cure.formatted(ModelScopeModel.UNET));
    assertRefused(
        checkpoint::textEncoderWeights,
        "renamed-" + ModelScopeModel.CLIP + cure.formatted(ModelScopeModel.CLIP));
    assertRefused(
        checkpoint::vaeWeights,
        "renamed-" + ModelScopeModel.AUTOENCODER + cure.formatted(ModelScopeModel.AUTOENCODER));
  }

  @Test
  void namesSeveralFilesOfOneNetwork() throws IOException {
    unet("a.pth", UnaryOperator.identity());
    unet("b.pth", UnaryOperator.identity());
    assertRefused(
        () -> CheckpointFiles.open(folder),
        "several files with a UNet: [a.pth, b.pth]",
        "Name one of them in a configuration.json");
  }

  @Test
  void namesAFolderWithoutUnet() {
    RawTorchFile.zip(folder.resolve("vae.pth"), List.of(NUMBER.named("first_stage_model.x")));
    assertRefused(
        () -> CheckpointFiles.open(folder),
        "neither a model_index.json (diffusers' layout) nor a configuration.json (ModelScope's)",
        "[vae.pth]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unet_num_heads | 4 | 8",
        "unet_num_heads | 0 | 8",
        "unet_head_dim | 24 | a divisor of all channels, [32, 64, 32]",
        "unet_dim | -1 | an integer of at least 1",
        "unet_dim_mult | [] | a list of integers",
        "unet_attn_scales | \"1\" | a list of numbers",
        "temporal_attention | \"False\" | \"True\"",
        "temporal_attention | true | \"True\"",
        "mean_type | \"x0\" | eps",
        "var_type | \"learned_range\" | fixed_small",
        "num_timesteps | 0 | an integer of at least 1",
        "use_fps_condition | true | options that this library does not know",
      })
  void refusesOptionsByName(String field, String json, String expected) throws IOException {
    change("model_cfg", field, json);
    assertRefused(() -> CheckpointFiles.open(folder), "model_cfg", field, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ckpt_unet | \"../unet.pth\" | the name of a file beside it",
        "ckpt_clip | null | the name of a file beside it",
        "ckpt_autoencoder | \"/vae.pth\" | the name of a file beside it",
        "max_frames | 0 | an integer of at least 1",
        "quantized | 8 | options that this library does not know",
      })
  void refusesArgumentsByName(String field, String json, String expected) throws IOException {
    change("model_args", field, json);
    assertRefused(() -> CheckpointFiles.open(folder), "model_args", field, expected);
  }

  @Test
  void refusesAnotherModel() {
    Map<String, Object> configuration = ModelScopeModel.configuration();
    part(configuration, "model").put("type", "video-to-video");
    ModelScopeModel.writeConfiguration(folder, configuration);
    assertRefused(
        () -> CheckpointFiles.open(folder), "type is video-to-video", "latent-text-to-video");
    ModelScopeModel.writeConfiguration(folder, Map.of("framework", "pytorch"));
    assertRefused(() -> CheckpointFiles.open(folder), "model is null, expected an object");
  }

  @Test
  void honoursWhatCanDiffer() throws IOException {
    change("model_cfg", "num_timesteps", "500");
    change("model_args", "max_frames", "24");
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    assertThat(checkpoint.schedulerConfig().positive("num_train_timesteps", 1)).isEqualTo(500);
    assertThat(checkpoint.frames()).hasValue(24);
  }

  private void change(String part, String field, String json) throws IOException {
    Path file = folder.resolve("configuration.json");
    Map<String, Object> configuration =
        Files.exists(file)
            ? new TreeMap<>(JsonConfig.read(file).fields())
            : ModelScopeModel.configuration();
    Map<String, Object> model = new TreeMap<>(part(configuration, "model"));
    Map<String, Object> changed = new TreeMap<>(part(model, part));
    changed.put(field, JSON.std.anyFrom(json));
    model.put(part, changed);
    configuration.put("model", model);
    ModelScopeModel.writeConfiguration(folder, configuration);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> part(Map<String, Object> whole, String name) {
    return (Map<String, Object>) whole.get(name);
  }

  @Test
  void asksForATokenizerIfTheVocabularyIsAnother() throws IOException {
    Path small = folder.resolve("open_clip.bin");
    RawSafetensors.write(
        small,
        RawSafetensors.header(
            RawSafetensors.tensor("token_embedding.weight", "F32", "[612,64]", 0, 156672),
            RawSafetensors.tensor("positional_embedding", "F32", "[7,64]", 156672, 158464),
            RawSafetensors.tensor(
                "transformer.resblocks.0.mlp.c_fc.weight", "F32", "[1,64]", 158464, 158720),
            RawSafetensors.tensor(
                "transformer.resblocks.1.mlp.c_fc.weight", "F32", "[1,64]", 158720, 158976)),
        158976);
    unet("unet.pth", UnaryOperator.identity());
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    assertRefused(checkpoint::textEncoderConfig, "vocab_size is 612", "49408", "tokenizer");
    Files.createDirectory(folder.resolve("tokenizer"));
    assertThat(checkpoint.tokenizerFolder()).hasValue(folder.resolve("tokenizer"));
    assertThat(checkpoint.textEncoderConfig().positive("num_hidden_layers", 9)).isEqualTo(1);
  }

  @Test
  void countsTheBlocksOfAShortenedViTH14() {
    assertThat(layersOf(24)).isEqualTo(23);
    assertThat(layersOf(23)).isEqualTo(23);
    assertThat(layersOf(12)).isEqualTo(11);
  }

  private long layersOf(int blocks) {
    List<String> header = new ArrayList<>();
    header.add(RawSafetensors.tensor("token_embedding.weight", "F32", "[0,1024]", 0, 0));
    for (int i = 0; i < blocks; i++) {
      header.add(
          RawSafetensors.tensor("transformer.resblocks." + i + ".ln_1.bias", "F32", "[0]", 0, 0));
    }
    Path file =
        RawSafetensors.write(
            folder.resolve("clip.safetensors"),
            RawSafetensors.header(header.toArray(String[]::new)),
            0);
    return OpenClipKeys.forTransformers(TensorFiles.ofFile(file)).names().stream()
        .filter(name -> name.endsWith("layer_norm1.bias"))
        .count();
  }

  private static void assertRefused(Runnable use, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(use::run)
        .withMessageContainingAll(parts);
  }
}
