package io.t2v.internal.files;

import static io.t2v.testing.RawSafetensors.header;
import static io.t2v.testing.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files hold a network's tensors. */
class TensorFilesTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  @Test
  void opensASingleFile() {
    shard("model.safetensors", "a", "b");
    assertThat(open(null).names()).containsExactlyInAnyOrder("a", "b");
    assertThat(open(null)).hasToString(folder.resolve("model.safetensors").toString());
    assertThat(open(null).parameters()).isEqualTo(2);
    assertThat(open(null).dtypes()).containsExactly("F32");
  }

  @Test
  void opensShards() throws IOException {
    shard("model-1.safetensors", "a");
    shard("model-2.safetensors", "b", "c");
    index(
        INDEX, "a", "model-1.safetensors", "b", "model-2.safetensors", "c", "model-2.safetensors");
    assertThat(open(null).names()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(open(null)).hasToString(folder.resolve(INDEX).toString());
  }

  @Test
  void opensASingleFileOfAVariant() {
    shard("model.safetensors", "plain");
    shard("model.fp16.safetensors", "half");
    assertThat(open("fp16").names()).containsExactly("half");
    assertThat(open(null).names()).containsExactly("plain");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors.index.fp16.json",
        "model.fp16.safetensors.index.json",
        "model.safetensors.fp16.index.json"
      })
  void opensShardsOfAVariant(String indexName) throws IOException {
    shard("model.fp16-00001-of-00001.safetensors", "a");
    index(indexName, "a", "model.fp16-00001-of-00001.safetensors");
    assertThat(open("fp16").names()).containsExactly("a");
  }

  @Test
  void listsWhatIsThereInsteadOfWeights() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    shard("model.fp16.safetensors", "a");
    assertRefused(
        null,
        "There are no weights in " + folder,
        "expected one of [model.safetensors, " + INDEX,
        "found [model.fp16.safetensors]",
        "are a variant, to be asked for");
  }

  @Test
  void namesAMissingVariant() {
    shard("model.safetensors", "a");
    assertRefused(
        "fp16",
        "expected one of [model.fp16.safetensors, model.safetensors.index.fp16.json",
        "found [model.safetensors]");
  }

  @Test
  void namesAMissingFolder() {
    Path missing = folder.resolve("unet");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ComponentFolder.ofTransformers(missing, "CLIPTextModel").weights(null))
        .withMessageContainingAll("There are no weights in " + missing, "does not exist");
  }

  @Test
  void namesAMissingShard() throws IOException {
    shard("model-1.safetensors", "a");
    index(INDEX, "a", "model-1.safetensors", "b", "model-2.safetensors");
    assertRefused(null, "There is no file " + folder.resolve("model-2.safetensors"));
  }

  @Test
  void namesADamagedShard() throws IOException {
    RawSafetensors.bytes(folder.resolve("model-1.safetensors"), new byte[3]);
    index(INDEX, "a", "model-1.safetensors");
    assertRefused(null, folder.resolve("model-1.safetensors") + " is no intact safetensors file");
  }

  @Test
  void namesATensorThatItsShardLacks() throws IOException {
    shard("model-1.safetensors", "a");
    index(INDEX, "a", "model-1.safetensors", "b", "model-1.safetensors");
    assertRefused(
        null, folder.resolve(INDEX) + " says that model-1.safetensors holds b, but it does not");
  }

  @Test
  void namesATensorThatTheIndexDoesNotList() throws IOException {
    shard("model-1.safetensors", "a", "stray");
    index(INDEX, "a", "model-1.safetensors");
    assertRefused(
        null, "model-1.safetensors holds stray", folder.resolve(INDEX) + " does not list there");
  }

  @Test
  void refusesATensorInTwoShards() throws IOException {
    shard("model-1.safetensors", "a", "b");
    shard("model-2.safetensors", "b");
    index(INDEX, "a", "model-1.safetensors", "b", "model-2.safetensors");
    assertRefused(null, "model-1.safetensors holds b", folder.resolve(INDEX).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model-1.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "..\\\\model",
        "",
        ".",
        ".."
      })
  void refusesAShardElsewhere(String shard) throws IOException {
    index(INDEX, "a", shard);
    assertRefused(null, folder.resolve(INDEX) + " maps a to ", "expected a file beside it");
  }

  @Test
  void refusesAShardWhoseNameNoFileCanHave() throws IOException {
    index(INDEX, "a", "model\\u0000.safetensors");
    assertRefused(null, folder.resolve(INDEX) + " maps a to ", "expected a file beside it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"weight_map\":[]}", "{\"weight_map\":null}", "{\"weight_map\":\"a\"}"})
  void refusesAnIndexWithoutMap(String json) throws IOException {
    Files.writeString(folder.resolve(INDEX), json);
    assertRefused(null, folder.resolve(INDEX) + " has no weight_map");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "null", "[\"model-1.safetensors\"]"})
  void refusesAShardThatIsNoName(String shard) throws IOException {
    Files.writeString(folder.resolve(INDEX), "{\"weight_map\":{\"a\":" + shard + "}}");
    assertRefused(null, folder.resolve(INDEX) + " maps a to ", "expected a file beside it");
  }

  @Test
  void refusesAnIndexThatIsNoJson() throws IOException {
    Files.writeString(folder.resolve(INDEX), "weight_map");
    assertRefused(null, folder.resolve(INDEX) + ": expected ");
  }

  private TensorFiles open(@Nullable String variant) {
    return ComponentFolder.ofTransformers(folder, "CLIPTextModel").weights(variant);
  }

  private void shard(String file, String... names) {
    StringBuilder entries = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      entries.append(i == 0 ? "" : ",").append(tensor(names[i], "F32", "[1]", 4L * i, 4L * i + 4));
    }
    RawSafetensors.write(folder.resolve(file), header(entries.toString()), 4 * names.length);
  }

  private void index(String file, String... tensorsAndShards) throws IOException {
    StringBuilder map = new StringBuilder();
    for (int i = 0; i < tensorsAndShards.length; i += 2) {
      map.append(i == 0 ? "" : ",")
          .append("\"%s\":\"%s\"".formatted(tensorsAndShards[i], tensorsAndShards[i + 1]));
    }
    Files.writeString(
        folder.resolve(file), "{\"metadata\":{\"total_size\":8},\"weight_map\":{" + map + "}}");
  }

  private void assertRefused(@Nullable String variant, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> open(variant))
        .withMessageContainingAll(parts);
  }
}
