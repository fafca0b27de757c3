package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.RawSafetensors;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnetKeysTest {
  private static final String KNOWN = "time_embedding.linear_1.weight";

  @TempDir Path folder;

  private TensorFiles file(String... names) {
    return TensorFiles.ofFile(
        RawSafetensors.write(
            folder.resolve("unet.safetensors"),
            RawSafetensors.header(
                Stream.of(names)
                    .map(name -> RawSafetensors.tensor(name, "F32", "[0]", 0, 0))
                    .toArray(String[]::new)),
            0));
  }

  @Test
  void showsTheUnetWithoutItsPrefixAndWithoutOtherTensors() {
    TensorFiles files = file("unet." + KNOWN, "unet.conv_in.weight", "vae.conv_in.weight");
    assertThat(UnetKeys.isIn(files)).isTrue();
    assertThat(UnetKeys.ofDiffusers(files).names())
        .containsExactlyInAnyOrder(KNOWN, "conv_in.weight");
  }

  @Test
  void knowsModelScopesNames() {
    TensorFiles files = file("model.input_blocks.0.0.weight", "model.time_embed.0.weight");
    assertThat(UnetKeys.isIn(files)).isTrue();
    assertThat(UnetKeys.ofDiffusers(files).names())
        .containsExactlyInAnyOrder("conv_in.weight", KNOWN);
  }

  @Test
  void refusesAFileWithoutAUnetOrWithTwo() {
    TensorFiles other = file("conv_in.weight");
    assertThat(UnetKeys.isIn(other)).isFalse();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> UnetKeys.ofDiffusers(other))
        .withMessageContaining("holds no UNet by diffusers' or ModelScope's names");
    TensorFiles two = file("a." + KNOWN, "b." + KNOWN);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> UnetKeys.ofDiffusers(two))
        .withMessageContainingAll("holds more than one UNet", "a.", "b.");
  }
}
