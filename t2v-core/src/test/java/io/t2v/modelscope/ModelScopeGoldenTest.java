package io.t2v.modelscope;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.testing.Golden;
import io.t2v.testing.ModelScopeModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint in ModelScope's layout, against ModelScope's own networks and pipeline. */
class ModelScopeGoldenTest {
  private static final double TEXT_TOLERANCE = 1e-5;
  private static final double TOLERANCE = 1e-4;

  private static final Golden GOLDEN = Golden.tensors("modelscope/reference");
  private static final Map<String, Object> JSON = Golden.json("modelscope/reference");

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void write() {
    model = ModelScopeModel.write(folder.resolve("modelscope"));
  }

  @Test
  void encodesTextAsOpenClipDoes() {
    CheckpointFiles checkpoint = CheckpointFiles.open(model);
    List<String> prompts =
        ((List<?>) JSON.get("prompts")).stream().map(String.class::cast).toList();
    try (ComputeScope scope = ComputeScope.open(1);
        ClipTextEncoder encoder =
            ClipTextEncoder.open(
                checkpoint.textEncoderConfig(),
                checkpoint.textEncoderWeights(),
                ClipTokenizer.openClip())) {
      Tensor embeddings = encoder.encode(prompts, 0).embeddings();
      Golden.assertClose(
          "text",
          HostTensors.toFloats(embeddings),
          GOLDEN.floats("text.embeddings"),
          TEXT_TOLERANCE);
    }
  }

  @Test
  void predictsWhatUnetSdPredicts() {
    CheckpointFiles checkpoint = CheckpointFiles.open(model);
    try (ComputeScope scope = ComputeScope.open(1);
        UnetDenoiser denoiser =
            UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights());
        BoundDenoiser bound =
            denoiser.bind(Conditioning.onText(tensor("text.embeddings").narrow(0, 0, 1)))) {
      Tensor output =
          bound.predict(
              tensor("unet.sample"),
              ((Number) JSON.get("unet_timestep")).doubleValue(),
              BlockListener.none());
      Golden.assertClose(
          "unet", HostTensors.toFloats(output), GOLDEN.floats("unet.output"), TOLERANCE);
    }
  }

  @Test
  void codesImagesAsTheAutoencoderDoes() {
    CheckpointFiles checkpoint = CheckpointFiles.open(model);
    try (ComputeScope scope = ComputeScope.open(1);
        AutoencoderKl vae = AutoencoderKl.open(checkpoint.vaeConfig(), checkpoint.vaeWeights())) {
      Tensor scaled = tensor("vae.latents").mul(new Scalar(vae.scalingFactor()));
      Golden.assertClose(
          "decode",
          HostTensors.toFloats(vae.decode(scaled)),
          GOLDEN.floats("vae.images"),
          TOLERANCE);
      Golden.assertClose(
          "encode",
          HostTensors.toFloats(vae.encode(tensor("vae.encoded")).mean()),
          GOLDEN.floats("vae.mean"),
          TOLERANCE);
    }
  }

  private static Tensor tensor(String name) {
    return HostTensors.of(GOLDEN.floats(name), GOLDEN.shape(name));
  }

  @Test
  void theCallMakesModelScopesFrames() throws IOException {
    Video[] made = new Video[1];
    try (TextToVideoSynthesis synthesis =
        TextToVideoSynthesis.of(
                TextToVideoPipeline.builder().checkpoint(model).threads(1),
                video -> {
                  made[0] = video;
                  return new byte[0];
                })
            .withSeed(integer("seed"))) {
      synthesis.call(
          Map.of(
              "text", JSON.get("prompt"),
              "height", integer("height"),
              "width", integer("width")));
    }
    assertThat(made[0].framesPerSecond()).isEqualTo(8);
    byte[] expected = GOLDEN.bytes("pipeline.frames");
    int position = 0;
    int different = 0;
    for (byte[] frame : List.of(made[0].rgb())) {
      for (byte value : frame) {
        int difference = Math.abs((value & 0xff) - (expected[position++] & 0xff));
        assertThat(difference).isLessThanOrEqualTo(1);
        different += difference;
      }
    }
    assertThat(position).isEqualTo(expected.length);
    assertThat((double) different / position).isLessThanOrEqualTo(0.001);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16"})
  void framesAreTheSameInDiffusersLayout(String dtype) {
    Path original = ModelScopeModel.write(folder.resolve("original" + dtype), dtype);
    Path diffusers = ModelScopeModel.writeDiffusers(folder.resolve("diffusers" + dtype), dtype);
    assertThat(frames(original)).isEqualTo(frames(diffusers));
  }

  private static byte[] frames(Path checkpoint) {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(checkpoint).threads(1).build()) {
      return pipeline
          .generate(
              GenerationRequest.builder("A panda eating bamboo on a rock.")
                  .steps(1)
                  .frames(2)
                  .size(64, 32)
                  .seed(7)
                  .build())
          .rgb();
    }
  }

  private static int integer(String name) {
    return ((Number) JSON.get(name)).intValue();
  }
}
