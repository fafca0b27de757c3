package io.t2v.internal.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.nn.Activation;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with the goldens of the reference, and holds what a checkpoint may and may not say. */
class ClipTextEncoderTest {
  private static final String MODEL = "four-levels";
  private static final double TOLERANCE = 1e-5;
  private static final int TOKENS = 16;
  private static final List<String> PROMPTS = prompts(MODEL);

  @TempDir Path folder;

  private static List<String> prompts(String model) {
    return ((List<?>) Golden.json("text/" + model).get("prompts"))
        .stream().map(String.class::cast).toList();
  }

  private Path model() {
    return GoldenModel.write(MODEL, folder.resolve("model"));
  }

  private static ClipTextEncoder open(Path model) {
    CheckpointFiles checkpoint = CheckpointFiles.open(model);
    return ClipTextEncoder.open(
        checkpoint.textEncoderConfig(),
        checkpoint.textEncoderWeights(),
        ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow()));
  }

  private static float[] encode(TextEncoder encoder, int clipSkip, String... texts) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(encoder.encode(List.of(texts), clipSkip).embeddings());
    }
  }

  private static float[] encodePrompts(TextEncoder encoder) {
    return encode(encoder, 0, PROMPTS.toArray(String[]::new));
  }

  /** A config file of the model with some fields set. */
  private static void setFields(Path model, String file, Map<String, ?> fields) throws IOException {
    Path path = model.resolve(file);
    Map<String, Object> config = JSON.std.mapFrom(Files.readString(path));
    config.putAll(fields);
    Files.writeString(path, JSON.std.asString(config));
  }

  private static void setConfig(Path model, String field, Object value) throws IOException {
    setFields(model, "text_encoder/config.json", Map.of(field, value));
  }

  /** Weights that the model's configuration asks for, as the test changes them. */
  private static void writeWeights(
      Path model, UnaryOperator<Map<String, long[]>> change, String dtype) throws IOException {
    RandomWeights.write(
        model.resolve("text_encoder/model.safetensors"), change.apply(listed(model)), 1, dtype);
  }

  private static Map<String, long[]> listed(Path model) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    ClipTextEncoder.listParameters(CheckpointFiles.open(model).textEncoderConfig(), shapes::put);
    return shapes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void encodesAsTheReferenceDoes(String model) {
    Golden golden = Golden.tensors("text/" + model);
    String[] prompts = prompts(model).toArray(String[]::new);
    List<?> skips = (List<?>) Golden.json("text/" + model).get("clip_skips");
    try (ClipTextEncoder encoder = open(GoldenModel.write(model, folder.resolve(model)))) {
      Golden.assertClose(
          model, encode(encoder, 0, prompts), golden.floats("embeddings"), TOLERANCE);
      for (Object skip : skips) {
        String name = "clip_skip_" + skip;
        Golden.assertClose(
            model + " " + name,
            encode(encoder, (Integer) skip, prompts),
            golden.floats(name),
            TOLERANCE);
      }
    }
  }

  @Test
  void tellsItsSizes() {
    try (ClipTextEncoder encoder = open(model())) {
      assertThat(encoder.width()).isEqualTo(24);
      assertThat(encoder.maxTokens()).isEqualTo(TOKENS);
      assertThat(encoder.maxClipSkip()).isEqualTo(3);
    }
  }

  @Test
  void reportsWhatDidNotFit() {
    try (ClipTextEncoder encoder = open(model());
        ComputeScope scope = ComputeScope.open(1)) {
      EncodedText encoded = encoder.encode(List.of("red", PROMPTS.get(3)), 0);
      assertThat(encoded.embeddings().sizes().vec().get()).containsExactly(2, TOKENS, 24);
      assertThat(encoded.truncatedTexts()).hasSize(2).first().isEqualTo("");
      assertThat(encoded.truncatedTexts().get(1)).endsWith("detailed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents"})
  void aTextDoesNotDependOnTheOthers(String model) {
    try (ClipTextEncoder encoder = open(GoldenModel.write(model, folder.resolve(model)))) {
      float[] together = encodePrompts(encoder);
      int length = together.length / PROMPTS.size();
      for (int i = 0; i < PROMPTS.size(); i++) {
        Golden.assertClose(
            PROMPTS.get(i),
            encode(encoder, 0, PROMPTS.get(i)),
            Arrays.copyOfRange(together, i * length, (i + 1) * length),
            TOLERANCE);
      }
    }
  }

  @Test
  void fewerTokensAreTheFirstOnes() {
    try (ClipTextEncoder encoder = open(model());
        ComputeScope scope = ComputeScope.open(1)) {
      EncodedText few = encoder.encode(List.of(""), 0, 5);
      assertThat(few.embeddings().size(1)).isEqualTo(5);
      Golden.assertClose(
          "5 tokens",
          HostTensors.toFloats(few.embeddings()),
          HostTensors.toFloats(encoder.encode(List.of(""), 0).embeddings().narrow(1, 0, 5)),
          TOLERANCE);
    }
  }

  @Test
  void readsNamesWithoutPrefix() throws IOException {
    Path model = model();
    Path file = model.resolve("text_encoder/model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, Long.BYTES, length, StandardCharsets.UTF_8);
    byte[] renamed = header.replace("text_model.", "").getBytes(StandardCharsets.UTF_8);
    Arrays.fill(bytes, Long.BYTES, Long.BYTES + length, (byte) ' ');
    System.arraycopy(renamed, 0, bytes, Long.BYTES, renamed.length);
    Files.write(file, bytes);
    try (ClipTextEncoder encoder = open(model)) {
      Golden.assertClose(
          "without prefix",
          encodePrompts(encoder),
          Golden.tensors("text/" + MODEL).floats("embeddings"),
          TOLERANCE);
    }
  }

  @Test
  void readsHalfPrecision() throws IOException {
    Path model = model();
    writeWeights(model, shapes -> shapes, "F16");
    try (ClipTextEncoder encoder = open(model)) {
      Golden.assertClose(
          "half precision",
          encodePrompts(encoder),
          Golden.tensors("text/" + MODEL).floats("embeddings"),
          3e-3);
    }
  }

  @Test
  void takesPositionIdsForNoParameter() throws IOException {
    Path model = model();
    writeWeights(
        model,
        shapes -> {
          shapes.put("text_model.embeddings.position_ids", new long[] {1, TOKENS});
          return shapes;
        },
        "F32");
    try (ClipTextEncoder encoder = open(model)) {
      Golden.assertClose(
          "with position_ids",
          encodePrompts(encoder),
          Golden.tensors("text/" + MODEL).floats("embeddings"),
          TOLERANCE);
    }
  }

  @Test
  void listsParameters() {
    Map<String, long[]> shapes = listed(model());
    assertThat(shapes).hasSize(2 + 3 * 16 + 2);
    assertThat(shapes.get("text_model.embeddings.token_embedding.weight")).containsExactly(612, 24);
    assertThat(shapes.get("text_model.encoder.layers.2.mlp.fc1.weight")).containsExactly(96, 24);
    assertThat(shapes.get("text_model.final_layer_norm.bias")).containsExactly(24);
  }

  @Test
  void refusesMissingTensors() throws IOException {
    Path model = model();
    String name = "text_model.encoder.layers.1.self_attn.v_proj.bias";
    writeWeights(
        model,
        shapes -> {
          shapes.remove(name);
          return shapes;
        },
        "F32");
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("missing")
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void refusesMisshapenTensors() throws IOException {
    Path model = model();
    setConfig(model, "intermediate_size", 48);
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("mlp.fc1.weight")
        .hasMessageContaining("[96, 24], expected [48, 24]");
  }

  @Test
  void refusesSurplusTensors() throws IOException {
    Path model = model();
    writeWeights(
        model,
        shapes -> {
          shapes.put("text_projection.weight", new long[] {12, 24});
          return shapes;
        },
        "F32");
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("text_projection.weight");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vocab_size | 0 | vocab_size is 0, expected an integer of at least 1",
        "hidden_size | 'x' | hidden_size is x, expected an integer of at least 1",
        "intermediate_size | -1 | intermediate_size is -1",
        "num_hidden_layers | 0 | num_hidden_layers is 0",
        "num_attention_heads | 0 | num_attention_heads is 0",
        "num_attention_heads | 5 | hidden_size is 24, expected a multiple of num_attention_heads",
        "max_position_embeddings | 0 | max_position_embeddings is 0",
        "hidden_act | 'gelu_new' | hidden_act is gelu_new, expected one of",
        "layer_norm_eps | 'small' | layer_norm_eps is small, expected a number",
        "use_attention_mask | 1 | use_attention_mask is 1, expected true or false",
        "model_type | 'clip' | model_type is clip, expected clip_text_model",
        "pruned_heads | {\"0\":[1]} | pruned_heads is {0=[1]}, expected none",
        "is_decoder | true | [is_decoder = true]",
        "quantization_config | {\"bits\":8} | [quantization_config = {bits=8}]",
        "text_config | {\"hidden_size\":24} | [text_config = {hidden_size=24}]",
      })
  void refusesOptions(String field, String value, String message) throws IOException {
    Path model = model();
    setConfig(model, field, JSON.std.anyFrom(value.startsWith("{") ? value : quoted(value)));
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("text_encoder")
        .hasMessageContaining(message);
  }

  private static String quoted(String value) {
    return value.matches("-?\\d+|true") ? value : '"' + value + '"';
  }

  @Test
  void acceptsOptionsWithoutEffect() throws IOException {
    Path model = model();
    setFields(
        model,
        "text_encoder/config.json",
        Map.of(
            "_name_or_path",
            "anywhere",
            "attention_dropout",
            0.5,
            "dtype",
            "float16",
            "projection_dim",
            512,
            "pruned_heads",
            Map.of(),
            "return_dict",
            true,
            "top_k",
            50,
            "is_decoder",
            false));
    try (ClipTextEncoder encoder = open(model)) {
      Golden.assertClose(
          "same",
          encodePrompts(encoder),
          Golden.tensors("text/" + MODEL).floats("embeddings"),
          TOLERANCE);
    }
  }

  @Test
  void hasTheReferencesDefaults() {
    ClipTextConfig config = ClipTextConfig.read(JsonConfig.of("nothing", Map.of()));
    assertThat(config)
        .isEqualTo(
            new ClipTextConfig(49_408, 512, 2048, 12, 8, 77, Activation.QUICK_GELU, 1e-5, false));
  }

  @Test
  void refusesTokenizersThatAllowLongerTexts() throws IOException {
    Path model = model();
    setFields(model, "tokenizer/tokenizer_config.json", Map.of("model_max_length", 17));
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("max_position_embeddings is 16")
        .hasMessageContaining("model_max_length is 17");
  }

  @Test
  void refusesTokenizersWithMoreTokens() throws IOException {
    Path model = model();
    Files.writeString(model.resolve("tokenizer/added_tokens.json"), "{\"<one-more>\": 612}");
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("vocab_size is 612")
        .hasMessageContaining("613 tokens");
  }

  @Test
  void refusesIdsBeyondTheVocabulary() throws IOException {
    Path model = model();
    setFields(model, "tokenizer/vocab.json", Map.of("red</w>", 900));
    try (ClipTextEncoder encoder = open(model)) {
      assertThat(encode(encoder, 0, "blue")).hasSize(TOKENS * 24);
      assertThatThrownBy(() -> encode(encoder, 0, "a red star"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("the id 900")
          .hasMessageContaining("vocab_size is 612");
    }
  }

  @Test
  void refusesImpossibleRequests() {
    try (ClipTextEncoder encoder = open(model())) {
      assertThatThrownBy(() -> encode(encoder, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no text");
      assertThatThrownBy(() -> encode(encoder, -1, "red"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("clip skip is -1, expected 0 to 3");
      assertThatThrownBy(() -> encode(encoder, 4, "red"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("clip skip is 4, expected 0 to 3");
      assertThatThrownBy(() -> encoder.encode(List.of("red"), 0, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("number of tokens is 1, expected 2 to 16");
      assertThatThrownBy(() -> encoder.encode(List.of("red"), 0, 17))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("number of tokens is 17, expected 2 to 16");
    }
  }

  @Test
  void refusesWorkOnceClosed() {
    ClipTextEncoder encoder = open(model());
    encoder.close();
    assertThatThrownBy(() -> encode(encoder, 0, "red"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void servesManyThreads() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (ClipTextEncoder encoder = open(model())) {
      float[] expected = encodePrompts(encoder);
      List<Future<float[]>> results = new ArrayList<>();
      IntStream.range(0, 80)
          .forEach(i -> results.add(threads.submit(() -> encodePrompts(encoder))));
      for (Future<float[]> result : results) {
        Golden.assertClose("concurrent", result.get(), expected, TOLERANCE);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void leavesNoNativeObjectsBehind() {
    try (ClipTextEncoder encoder = open(model())) {
      encodePrompts(encoder);
      long before = Pointer.totalCount();
      for (int i = 0; i < 50; i++) {
        encodePrompts(encoder);
      }
      assertThat(Pointer.totalCount()).isEqualTo(before);
    }
  }
}
