package io.t2v.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.TextToVideoPipeline;
import io.t2v.checkpoint.CheckpointSummary.Component;
import io.t2v.checkpoint.CheckpointSummary.Memory;
import io.t2v.device.Precision;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointSummaryTest {
  private static final String WEIGHTS = "diffusion_pytorch_model";

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void writeHeaders() throws IOException {
    folder = GoldenModel.write("one-level", temporary.resolve("model"));
    write("text_encoder/model.safetensors", "F32", "[10,10]", 400);
    write("unet/" + WEIGHTS + ".safetensors", "F32", "[100]", 400);
    write("vae/" + WEIGHTS + ".safetensors", "F16", "[2,3,5]", 60);
  }

  private void write(String file, String dtype, String shape, int bytes) {
    RawSafetensors.write(
        folder.resolve(file),
        RawSafetensors.header(RawSafetensors.tensor("weight", dtype, shape, 0, bytes)),
        bytes);
  }

  private void config(String file, String from, String to) throws IOException {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertThat(text).containsPattern(from);
    Files.writeString(path, text.replaceFirst(from, to));
  }

  @Test
  void saysWhatTheFilesSay() throws IOException {
    config("unet/config.json", "\"sample_size\": *(\\[[^\\]]*\\]|\\w+)", "\"sample_size\": [4, 6]");
    config(
        "vae/config.json",
        "\"block_out_channels\": *\\[[^\\]]*\\]",
        "\"block_out_channels\": [8, 8, 8]");
    CheckpointSummary summary = TextToVideoPipeline.inspect(folder);
    assertThat(summary.layout()).isEqualTo("diffusers");
    assertThat(summary.pipeline()).isEqualTo("TextToVideoSDPipeline");
    assertThat(summary.variant()).isEmpty();
    assertThat(summary.variants()).isEmpty();
    assertThat(summary.components())
        .extracting(Component::name)
        .containsExactly("text_encoder", "unet", "vae");
    assertThat(summary.components())
        .extracting(Component::parameters)
        .containsExactly(OptionalLong.of(100), OptionalLong.of(100), OptionalLong.of(30));
    assertThat(summary.components())
        .extracting(Component::dtypes)
        .containsExactly(Set.of("F32"), Set.of("F32"), Set.of("F16"));
    assertThat(summary.parameters()).hasValue(230);
    assertThat(summary.memory(Precision.FLOAT32)).isEqualTo(new Memory(920, 400));
    assertThat(summary.memory(Precision.FLOAT16)).isEqualTo(new Memory(460, 200));
    assertThat(summary.memory(Precision.BFLOAT16)).isEqualTo(new Memory(460, 200));
    assertThat(summary.memory(Precision.INT8)).isEqualTo(new Memory(230, 100));
    assertThat(summary.height()).hasValue(16);
    assertThat(summary.width()).hasValue(24);
    assertThat(summary.frames()).isEmpty();
    assertThat(summary.framesPerSecond()).isEmpty();
    assertThat(summary.scheduler()).hasValueSatisfying(name -> assertThat(name).contains("DDIM"));
    assertThat(summary.predictionType()).contains("sample");
    assertThat(summary.licence()).isEmpty();
  }

  @Test
  void looksAtAVariantIfThereIsNothingElse() throws IOException {
    Files.delete(folder.resolve("unet/" + WEIGHTS + ".safetensors"));
    write("unet/" + WEIGHTS + ".fp16.safetensors", "F16", "[100]", 200);
    write("vae/" + WEIGHTS + ".fp16.safetensors", "F16", "[2,3,5]", 60);
    write("text_encoder/model.fp16.safetensors", "F16", "[10,10]", 200);
    CheckpointSummary summary = TextToVideoPipeline.inspect(folder);
    assertThat(summary.variant()).contains("fp16");
    assertThat(summary.variants()).containsExactly("fp16");
    assertThat(summary.parameters()).hasValue(230);
  }

  @Test
  void namesWhatIsMissingOrDamaged() throws IOException {
    Files.delete(folder.resolve("unet/" + WEIGHTS + ".safetensors"));
    Files.write(folder.resolve("vae/" + WEIGHTS + ".safetensors"), new byte[3]);
    Files.delete(folder.resolve("vae/config.json"));
    Files.delete(folder.resolve("scheduler/scheduler_config.json"));
    CheckpointSummary summary = TextToVideoPipeline.inspect(folder);
    assertThat(summary.parameters()).isEqualTo(OptionalLong.empty());
    assertThat(summary.components().get(0).problem()).isEmpty();
    assertThat(summary.components().get(1).problem())
        .hasValueSatisfying(problem -> assertThat(problem).contains("unet"));
    assertThat(summary.components().get(2).problem())
        .hasValueSatisfying(problem -> assertThat(problem).contains("3 bytes"));
    assertThat(summary.memory(Precision.FLOAT32)).isEqualTo(new Memory(400, 400));
    assertThat(summary.width()).isEqualTo(OptionalInt.empty());
    assertThat(summary.scheduler()).isEmpty();
    assertThat(summary.predictionType()).isEmpty();
  }

  @Test
  void refusesWhatIsNoCheckpoint() {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TextToVideoPipeline.inspect(temporary.resolve("none")))
        .withMessageContaining("none");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TextToVideoPipeline.inspect(temporary));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'---\nlicense: cc-by-nc-4.0\ntags:\n- x\n---\n# Model' | cc-by-nc-4.0",
        "'---\r\ntags:\r\nlicense: \"mit\"\r\n---\r\n' | mit",
        "'---\nlicense:\n- apache-2.0\n- mit\n---\n' | apache-2.0",
        "'---\nlicense: [mit]\n---\n' | mit",
        "'---\nlicense: other\nlicense_name: my-licence\n---\n' | my-licence",
        "'---\nlicense: other\n---\n' | other",
        "'---\ntags: x\n---\nlicense: mit' | Some Licence",
        "'license: mit' | Some Licence",
        "'---' | Some Licence",
        "'' | Some Licence"
      })
  void readsTheLicence(String card, String licence) throws IOException {
    Files.writeString(folder.resolve("README.md"), card);
    Files.writeString(folder.resolve("LICENSE"), "\n  Some Licence\nVersion 1\n");
    assertThat(TextToVideoPipeline.inspect(folder).licence()).contains(licence);
  }

  @Test
  void takesNoLicenceFromNoise() throws IOException {
    Files.write(folder.resolve("README.md"), new byte[] {-1, -2, 0, '-', '-', '-'});
    Files.createDirectories(folder.resolve("LICENSE"));
    Files.write(folder.resolve("LICENSE.txt"), " \n ".getBytes(StandardCharsets.UTF_8));
    assertThat(TextToVideoPipeline.inspect(folder).licence()).isEmpty();
  }
}
