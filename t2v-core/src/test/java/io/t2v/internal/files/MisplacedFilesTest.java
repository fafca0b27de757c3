package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.TextToVideoPipeline;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RawTorchFile;
import io.t2v.testing.StoredTensor;
import io.t2v.testing.Warnings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what was asked for, or lie where nobody looks. */
class MisplacedFilesTest {
  private static final String UNET = "unet/diffusion_pytorch_model.safetensors";
  private static final String VAE = "vae/diffusion_pytorch_model.safetensors";

  @TempDir Path temporary;
  private Path model;

  @BeforeEach
  void writeAModel() {
    model = GoldenModel.write("one-level", temporary.resolve("model"));
  }

  @Test
  void saysWhatAFileIsThatWasGivenAsAFolder() throws IOException {
    assertRefused(model.resolve(UNET), "is a file", "holds a UNet", "this file to unetWeights");
    assertRefused(model.resolve(VAE), "is a file", "an autoencoder", "this file to vaeFrom");
    List<StoredTensor> both = new ArrayList<>(prefixed("model.", UNET));
    both.addAll(prefixed("vae.", VAE));
    Path whole = temporary.resolve("whole.ckpt");
    RawTorchFile.zip(whole, both);
    assertRefused(whole, "a UNet and an autoencoder", "unetWeights and to vaeFrom");
    Path lora = temporary.resolve("lora.safetensors");
    StoredTensor.write(lora, prefixed("lora.", "text_encoder/model.safetensors"));
    assertRefused(lora, "holds a LoRA");
    assertRefused(model.resolve("text_encoder/model.safetensors"), "holds no network");
    assertRefused(model.resolve("unet/config.json"), "cannot be read as weights either");
  }

  @Test
  void pointsAtTheLastCheckpointOfATrainingRun() throws IOException {
    Path run = Files.createDirectories(temporary.resolve("run"));
    Files.createDirectories(run.resolve("checkpoint-500/unet"));
    Path last = Files.createDirectories(run.resolve("checkpoint-2500"));
    Files.createDirectories(run.resolve("logs-9000"));
    Files.createFile(run.resolve("checkpoint-9000"));
    assertRefused(run, run + " is the folder of a training run", "checkpoint-2500", "save it");
    Files.createDirectories(last.resolve("unet"));
    assertRefused(run, last.resolve("unet") + " to unetWeights");
    Files.writeString(last.resolve("model_index.json"), "{}");
    assertRefused(run, "give " + last);
  }

  @Test
  void warnsOfALoraBesideTheIndex() throws IOException {
    try (Warnings warnings = Warnings.of(CheckpointFiles.class)) {
      CheckpointFiles unused = CheckpointFiles.open(model);
      assertThat(warnings.messages()).isEmpty();
      Path lora = Files.createFile(model.resolve("pytorch_lora_weights.safetensors"));
      CheckpointFiles alsoUnused = CheckpointFiles.open(model);
      assertThat(warnings.messages())
          .containsExactly(lora + " is not applied to the model unless it is given as an adapter");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.", "_orig_mod.", "module._orig_mod."})
  void takesOffWhatWrappersPutBeforeNames(String prefix) {
    TensorFiles plain = CheckpointFiles.open(model).unetWeights();
    StoredTensor.write(model.resolve(UNET), prefixed(prefix, UNET));
    assertThat(CheckpointFiles.open(model).unetWeights().names()).isEqualTo(plain.names());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "first_stage_model."})
  void takesTheAutoencoderOfAFile(String prefix) {
    Path file = temporary.resolve("vae.safetensors");
    StoredTensor.write(file, prefixed(prefix, VAE));
    CheckpointFiles plain = CheckpointFiles.open(model);
    CheckpointFiles other = plain.withVaeFrom(file, null);
    assertThat(other.vaeWeights().names()).isEqualTo(plain.vaeWeights().names());
    assertThat(other.vaeConfig().raw("block_out_channels"))
        .isEqualTo(plain.vaeConfig().raw("block_out_channels"));
    CheckpointFiles beside = plain.withVaeFrom(model.resolve(VAE), null);
    assertThat(beside.vaeConfig().fields()).isEqualTo(plain.vaeConfig().fields());
    CheckpointFiles unet = plain.withVaeFrom(model.resolve(UNET), null);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(unet::vaeWeights)
        .withMessageContaining(model.resolve(UNET) + " holds no autoencoder");
  }

  @Test
  void inspectionNamesWhatKeepsAPipelineFromBeingBuilt() throws Exception {
    assertThat(TextToVideoPipeline.inspect(model).problems()).isEmpty();
    Path unet = model.resolve("unet/config.json");
    Files.delete(unet);
    assertThat(new ProcessBuilder("mkfifo", unet.toString()).start().waitFor()).isZero();
    Files.write(model.resolve(VAE), new byte[3]);
    Files.delete(model.resolve("tokenizer/merges.txt"));
    Files.delete(model.resolve("scheduler/scheduler_config.json"));
    Files.createSymbolicLink(model.resolve("README.md"), Path.of("/dev/zero"));
    List<String> problems = TextToVideoPipeline.inspect(model).problems();
    assertThat(problems).hasSize(4);
    assertThat(String.join("\n", problems))
        .contains(
            unet + ": expected a regular file",
            model.resolve(VAE) + " is no intact safetensors file",
            model.resolve("tokenizer") + " holds no tokenizer",
            "There is no file " + model.resolve("scheduler/scheduler_config.json"));
  }

  private List<StoredTensor> prefixed(String prefix, String file) {
    return StoredTensor.read(model.resolve(file)).stream()
        .map(tensor -> tensor.named(prefix + tensor.name()))
        .toList();
  }

  private static void assertRefused(Path path, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> CheckpointFiles.open(path))
        .withMessageContainingAll(parts);
  }
}
