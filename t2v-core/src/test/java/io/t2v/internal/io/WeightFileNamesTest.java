package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WeightFileNamesTest {
  private static final WeightFileNames NAMES = WeightFileNames.TRANSFORMERS;

  @Test
  void listsCandidatesInTheOrderOfPreference() {
    assertThat(NAMES.candidates(null))
        .containsExactly(
            "model.safetensors",
            "model.safetensors.index.json",
            "pytorch_model.bin",
            "pytorch_model.bin.index.json");
    assertThat(NAMES.candidates("fp16"))
        .containsExactly(
            "model.fp16.safetensors",
            "model.safetensors.index.fp16.json",
            "model.fp16.safetensors.index.json",
            "model.safetensors.fp16.index.json",
            "pytorch_model.fp16.bin",
            "pytorch_model.bin.index.fp16.json",
            "pytorch_model.fp16.bin.index.json",
            "pytorch_model.bin.fp16.index.json");
  }

  @Test
  void selectsAFileBeforeShardsAndWholeShardsOnly() {
    List<String> shards =
        List.of(
            "model.safetensors.index.json",
            "model-00002-of-00002.safetensors",
            "model-00001-of-00002.safetensors");
    assertThat(NAMES.select(shards, null))
        .containsExactly(
            "model.safetensors.index.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors");
    assertThat(NAMES.select(shards.subList(0, 2), null)).isEmpty();
    assertThat(NAMES.select(shards.subList(1, 3), null)).isEmpty();
    assertThat(NAMES.select(List.of("model.safetensors", "pytorch_model.bin"), null))
        .containsExactly("model.safetensors");
    assertThat(NAMES.select(List.of("pytorch_model.bin"), null))
        .containsExactly("pytorch_model.bin");
    assertThat(NAMES.select(List.of("pytorch_model.bin"), "fp16")).isEmpty();
  }

  @Test
  void findsVariants() {
    List<String> names =
        List.of(
            "model.fp16.safetensors",
            "model-00001-of-00002.bf16.safetensors",
            "pytorch_model.fp32-00001-of-00002.bin",
            "model.safetensors.index.json",
            "model.other.bin",
            "config.json");
    assertThat(NAMES.variants(names)).containsExactly("bf16", "fp16", "fp32");
    assertThat(NAMES.hasPlain(names)).isFalse();
    assertThat(NAMES.hasPlain(List.of("model-00001-of-00002.safetensors"))).isTrue();
    assertThat(NAMES.hasPlain(List.of("pytorch_model.bin"))).isTrue();
    assertThat(NAMES.hasPlain(List.of("model.bin"))).isFalse();
  }
}
