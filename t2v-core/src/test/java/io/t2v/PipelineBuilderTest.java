package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.GpuOptimization;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.LatentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pipelines that cannot be built, and who closes what. */
class PipelineBuilderTest {
  @TempDir Path folder;

  /** What is made once for a whole process must not be counted as left open by one pipeline. */
  @BeforeAll
  static void buildTheFirstOfAllPipelines(@TempDir Path first) {
    Path checkpoint = GoldenModel.write("one-level", first);
    TextToVideoPipeline.builder().checkpoint(checkpoint).build().close();
  }

  @Test
  void namesEverythingThatIsMissing() {
    assertThatIllegalStateException()
        .isThrownBy(() -> TextToVideoPipeline.builder().build())
        .withMessage(
            "textEncoder, denoiser, vaeDecoder, scheduler are not set:"
                + " give a checkpoint, or each of them");
    assertThatIllegalStateException()
        .isThrownBy(() -> stubs().build())
        .withMessage("scheduler is not set: give a checkpoint, or each of them");
  }

  @Test
  void namesAVariantOfNothing() {
    assertThatIllegalStateException()
        .isThrownBy(() -> stubs().scheduler(new StubScheduler()).variant("fp16").build())
        .withMessageContaining("variant = fp16, but no checkpoint is set");
  }

  @Test
  void refusesBlankVariantsAndNoThreads() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextToVideoPipeline.builder().variant(" "))
        .withMessage("variant is blank, expected a word such as fp16");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextToVideoPipeline.builder().threads(0))
        .withMessageStartingWith("threads is 0, expected 1 to ");
  }

  @Test
  void refusesThreadsThatWouldOnlyWaitForEachOther() {
    int limit = Math.max(64, 4 * Runtime.getRuntime().availableProcessors());
    TextToVideoPipeline.builder().threads(limit);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextToVideoPipeline.builder().threads(limit + 1))
        .withMessageStartingWith(
            "threads is " + (limit + 1) + ", expected 1 to " + limit + " on this machine");
  }

  @Test
  void looksForTheDeviceBeforeTheCheckpoint() {
    assertThatExceptionOfType(DeviceUnavailableException.class)
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .checkpoint(folder.resolve("missing"))
                    .device(ComputeDevice.cuda(99))
                    .build())
        .withMessageStartingWith("cuda:99 is not available: ");
  }

  @Test
  void refusesToSetAnythingTwice() {
    SchedulerFactory factory = config -> new StubScheduler();
    assertSetOnce("checkpoint", builder -> builder.checkpoint(folder));
    assertSetOnce("variant", builder -> builder.variant("fp16"));
    assertSetOnce("scheduler", builder -> builder.scheduler(factory));
    assertSetOnce("scheduler", builder -> builder.scheduler(new StubScheduler()));
    assertSetOnce("textEncoder", builder -> builder.textEncoder(new StubTextEncoder(6)));
    assertSetOnce("denoiser", builder -> builder.denoiser(new StubDenoiser(6, null)));
    assertSetOnce("vaeDecoder", builder -> builder.vaeDecoder(new StubDecoder(4)));
    assertSetOnce("threads", builder -> builder.threads(1));
    assertSetOnce("device", builder -> builder.device(ComputeDevice.cpu()));
  }

  @Test
  void refusesTextOfAnotherWidth() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .textEncoder(new StubTextEncoder(5))
                    .denoiser(new StubDenoiser(6, null))
                    .vaeDecoder(new StubDecoder(4))
                    .scheduler(new StubScheduler())
                    .build())
        .withMessage("the text width differs: the text encoder's is 5, the denoiser's is 6");
  }

  @Test
  void refusesLatentsOfOtherChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .textEncoder(new StubTextEncoder(6))
                    .denoiser(new StubDenoiser(6, null))
                    .vaeDecoder(new StubDecoder(16))
                    .scheduler(new StubScheduler())
                    .build())
        .withMessage(
            "the number of latent channels differs: the denoiser's is 4, the decoder's is 16");
  }

  @Test
  void refusesADenoiserThatPredictsOtherChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .textEncoder(new StubTextEncoder(6))
                    .denoiser(new StubDenoiser(6, null, 8))
                    .vaeDecoder(new StubDecoder(4))
                    .scheduler(new StubScheduler())
                    .build())
        .withMessage(
            "the number of latent channels differs: the denoiser's is 4, its prediction's is 8");
  }

  @Test
  void namesAMissingCheckpoint() {
    Path missing = folder.resolve("no-model");
    assertRefused(missing, "There is no folder " + missing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model_index.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
        "scheduler/scheduler_config.json"
      })
  void namesAMissingFileAndLeavesNothingOpen(String file) throws IOException {
    Path checkpoint = GoldenModel.write("one-level", folder);
    Files.delete(checkpoint.resolve(file));
    Path named = checkpoint.resolve(file);
    assertRefused(checkpoint, named.getParent().toString(), named.getFileName().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors"
      })
  void namesATruncatedFileAndLeavesNothingOpen(String file) throws IOException {
    Path checkpoint = GoldenModel.write("one-level", folder);
    Path truncated = checkpoint.resolve(file);
    byte[] whole = Files.readAllBytes(truncated);
    Files.write(truncated, Arrays.copyOf(whole, whole.length - 1));
    assertRefused(checkpoint, truncated + " is no intact safetensors file", "cut off");
  }

  @Test
  void namesAnUnknownScheduler() throws IOException {
    Path checkpoint = GoldenModel.write("one-level", folder);
    Path config = checkpoint.resolve("scheduler/scheduler_config.json");
    Files.writeString(config, Files.readString(config).replace("DDIMScheduler", "MagicScheduler"));
    NativeObjects objects = NativeObjects.count();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint(checkpoint).build())
        .withMessageContainingAll(
            "scheduler_config.json: _class_name is MagicScheduler",
            "DDIMScheduler",
            "DPMSolverMultistep");
    objects.assertNoMore();
  }

  @Test
  void cudaGraphsAreForTheCheckpointsDenoiser() {
    assertSetOnce("cudaGraphs", builder -> builder.cudaGraphs(false));
    assertThatIllegalStateException()
        .isThrownBy(() -> stubs().cudaGraphs(true).build())
        .withMessageContainingAll("cudaGraphs = true", "is set together with denoiser");
  }

  @Test
  void keptGraphsNeedGraphs() {
    assertSetOnce(
        "gpuOptimizations",
        builder -> builder.gpuOptimizations(GpuOptimization.CHANNELS_LAST_GROUP_NORM));
    PipelineBuilder builder =
        TextToVideoPipeline.builder()
            .checkpoint(folder)
            .gpuOptimizations(GpuOptimization.KEPT_CUDA_GRAPHS);
    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessageContainingAll(
            "gpuOptimizations = [kept-cuda-graphs]", "cudaGraphs is not set to true");
  }

  @Test
  void leavesNothingOpenWhenTheSchedulerFails() {
    Path checkpoint = GoldenModel.write("one-level", folder);
    NativeObjects objects = NativeObjects.count();
    SchedulerFactory failing =
        config -> {
          throw new UnsupportedOperationException("no scheduler today");
        };
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () -> TextToVideoPipeline.builder().checkpoint(checkpoint).scheduler(failing).build());
    objects.assertNoMore();
  }

  @Test
  void closesWhatItMadeAndNothingElse() {
    Path checkpoint = GoldenModel.write("one-level", folder);
    StubDenoiser denoiser = new StubDenoiser(24, new LatentSize(8, 8));
    // what the process keeps from its first pipeline on is none of this one's
    TextToVideoPipeline.builder().checkpoint(checkpoint).denoiser(denoiser).build().close();
    generateWith(checkpoint, denoiser, NativeObjects.count());
    NativeObjects objects = NativeObjects.count();
    generateWith(checkpoint, denoiser, objects);
    objects.assertNoMore();
    assertThat(denoiser.isClosed()).isFalse();
  }

  private static void generateWith(Path checkpoint, StubDenoiser denoiser, NativeObjects objects) {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(checkpoint).denoiser(denoiser).build()) {
      objects.assertNoMore();
      pipeline.generate(GenerationRequest.builder("a panda").steps(1).frames(1).build());
      objects.assertMore();
    }
  }

  private static PipelineBuilder stubs() {
    return TextToVideoPipeline.builder()
        .textEncoder(new StubTextEncoder(6))
        .denoiser(new StubDenoiser(6, null))
        .vaeDecoder(new StubDecoder(4));
  }

  private static void assertSetOnce(String name, Consumer<PipelineBuilder> setter) {
    PipelineBuilder builder = TextToVideoPipeline.builder();
    setter.accept(builder);
    assertThatIllegalStateException()
        .isThrownBy(() -> setter.accept(builder))
        .withMessageContainingAll(name + " was already set to", "now to");
  }

  private static void assertRefused(Path checkpoint, String... parts) {
    NativeObjects objects = NativeObjects.count();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint(checkpoint).build())
        .withMessageContainingAll(parts);
    objects.assertNoMore();
  }
}
