package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.StubTextEncoder;
import io.t2v.text.PromptSyntax;
import io.t2v.text.PromptTokens;
import io.t2v.text.PromptTokens.Chunk;
import io.t2v.text.TextEncoder;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weighted and long prompts, on a text encoder with 77 positions. */
class PromptEncoderTest {
  private static final Map<String, Object> JSON_GOLDEN = Golden.json("prompts/weighted");
  private static final int WIDTH = 24;
  private static final double TOLERANCE = 1e-5;

  @TempDir static Path folder;
  private static ClipTextEncoder clip;
  private static PromptEncoder encoder;

  @BeforeAll
  static void open() throws IOException {
    Path model = GoldenModel.write("four-levels", folder.resolve("model"));
    set(model.resolve("text_encoder/config.json"), "max_position_embeddings", 77);
    set(model.resolve("tokenizer/tokenizer_config.json"), "model_max_length", 77);
    CheckpointFiles checkpoint = CheckpointFiles.open(model);
    Map<String, long[]> shapes = new LinkedHashMap<>();
    ClipTextEncoder.listParameters(checkpoint.textEncoderConfig(), shapes::put);
    RandomWeights.write(
        model.resolve("text_encoder/model.safetensors"),
        shapes,
        ((Number) JSON_GOLDEN.get("seed")).longValue(),
        "F32");
    CheckpointFiles changed = CheckpointFiles.open(model);
    clip =
        ClipTextEncoder.open(
            changed.textEncoderConfig(),
            changed.textEncoderWeights(),
            ClipTokenizer.load(changed.tokenizerFolder().orElseThrow()));
    encoder = new PromptEncoder(clip, PromptSyntax.A1111);
  }

  @AfterAll
  static void close() {
    clip.close();
  }

  private static void set(Path file, String field, Object value) throws IOException {
    Map<String, Object> config = JSON.std.mapFrom(Files.readString(file));
    config.put(field, value);
    Files.writeString(file, JSON.std.asString(config));
  }

  static Stream<Map<String, Object>> cases() {
    return Golden.cases(JSON_GOLDEN, "cases").stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cutsPromptsAsTheReferenceDoes(Map<String, Object> golden) {
    PromptTokens prompt = tokenize(golden);
    assertThat(prompt.chunks().stream().map(Chunk::ids).toList()).isEqualTo(golden.get("ids"));
    List<?> weights = (List<?>) golden.get("weights");
    for (int i = 0; i < weights.size(); i++) {
      List<?> expected = (List<?>) weights.get(i);
      for (int j = 0; j < expected.size(); j++) {
        assertThat(prompt.chunks().get(i).weights().get(j))
            .isCloseTo(((Number) expected.get(j)).doubleValue(), Offset.offset(1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weighsAsTheReferenceDoes(Map<String, Object> golden) {
    String name = (String) golden.get("name");
    PromptTokens prompt = tokenize(golden);
    float[] all = encode(List.of(prompt), prompt.chunks().size());
    assertThat(all).hasSize(prompt.chunks().size() * 77 * WIDTH);
    assertRows(all, "prompts/weighted", name);
  }

  /** The golden data holds some of the rows. */
  private static void assertRows(float[] all, String file, String name) {
    int every = ((Number) Golden.json(file).get("every")).intValue();
    float[] expected = Golden.tensors(file).floats(name);
    float[] some = new float[expected.length];
    for (int row = 0; row < expected.length / WIDTH; row++) {
      System.arraycopy(all, row * every * WIDTH, some, row * WIDTH, WIDTH);
    }
    Golden.assertClose(name, some, expected, TOLERANCE);
  }

  private static PromptTokens tokenize(Map<String, Object> golden) {
    return encoder.tokenize(List.of((String) golden.get("prompt"))).get(0);
  }

  private static float[] encode(List<PromptTokens> prompts, int chunks) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(encoder.encode(prompts, chunks, 0));
    }
  }

  static Stream<Map<String, Object>> casesOfCompel() {
    return Golden.cases(Golden.json("prompts/compel"), "cases").stream();
  }

  @ParameterizedTest
  @MethodSource("casesOfCompel")
  void encodesCompelsSyntaxAsCompel(Map<String, Object> golden) {
    String name = (String) golden.get("name");
    int tokens = ((Number) golden.get("tokens")).intValue();
    float[] all = encodeCompel((String) golden.get("prompt"));
    assertThat(all).as(name).hasSize(tokens * WIDTH);
    assertRows(all, "prompts/compel", name);
  }

  private static float[] encodeCompel(String prompt) {
    return encodeCompel(clip, prompt);
  }

  private static float[] encodeCompel(TextEncoder textEncoder, String prompt) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      StepTexts texts =
          new PromptEncoder(textEncoder, PromptSyntax.COMPEL)
              .encodeSteps(List.of(prompt), List.of(), 2, 0, embeddings -> embeddings);
      assertThat(texts.texts()).hasSize(1);
      return HostTensors.toFloats(texts.texts().get(0));
    }
  }

  @Test
  void withoutWeightsCompelsPromptIsThePlainOne() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      assertThat(encodeCompel("a red circle"))
          .isEqualTo(HostTensors.toFloats(clip.encode(List.of("a red circle"), 0).embeddings()));
    }
  }

  @Test
  void compelsEmptyTextIsEncodedOnce() {
    AtomicInteger empties = new AtomicInteger();
    TextEncoder counting =
        (TextEncoder)
            Proxy.newProxyInstance(
                TextEncoder.class.getClassLoader(),
                new Class<?>[] {TextEncoder.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("encodeTokens")
                      && arguments[0].equals(List.of(List.of()))) {
                    empties.incrementAndGet();
                  }
                  return method.invoke(clip, arguments);
                });
    String prompt = "(\"a red+ circle\", \"a blue- square\").blend(0.5, 0.7)";
    assertThat(encodeCompel(counting, prompt)).isEqualTo(encodeCompel(prompt));
    assertThat(empties).hasValue(1);
  }

  @Test
  void withoutWeightsAShortPromptIsThePlainOne() {
    List<String> texts = List.of("a red circle", "on black, one");
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor plain = clip.encode(texts, 1).embeddings();
      Tensor inChunks = encoder.encode(encoder.tokenize(texts), 1, 1);
      assertThat(HostTensors.toFloats(inChunks)).isEqualTo(HostTensors.toFloats(plain));
    }
  }

  @Test
  void fillsUpWithTheEmptyText() {
    float[] filled = encode(encoder.tokenize(List.of("a red circle")), 2);
    float[] empty = encode(encoder.tokenize(List.of("")), 1);
    Golden.assertClose(
        "second chunk", Arrays.copyOfRange(filled, empty.length, filled.length), empty, 1e-6);
  }

  @Test
  void aPromptOfABatchIsWhatItIsAlone() {
    List<PromptTokens> prompts = encoder.tokenize(List.of("a (red:1.5) circle", "(black:0.2) on"));
    float[] together = encode(prompts, 1);
    float[] alone = encode(prompts.subList(1, 2), 1);
    Golden.assertClose(
        "second", Arrays.copyOfRange(together, alone.length, together.length), alone, 1e-6);
  }

  @Test
  void namesAnEncoderOfTextsAlone() {
    assertThatIllegalArgumentException()
        .isThrownBy(new PromptEncoder(new StubTextEncoder(4), PromptSyntax.A1111)::check)
        .withMessageContainingAll(
            "promptSyntax is A1111", StubTextEncoder.class.getName(), "PromptSyntax.PLAIN");
  }
}
