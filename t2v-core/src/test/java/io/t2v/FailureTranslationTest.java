package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.testing.TinyPipeline;
import io.t2v.unet.LatentSize;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller sees of failures in libtorch, in JavaCPP, and in plug-ins. */
class FailureTranslationTest {
  private static final int TEXT_WIDTH = 6;

  /** Lets a listener of the generation throw, which runs where networks compute. */
  private static Throwable failing(Throwable failure) {
    NativeObjects objects = NativeObjects.count();
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(TEXT_WIDTH))
            .denoiser(new StubDenoiser(TEXT_WIDTH, new LatentSize(2, 3)))
            .vaeDecoder(new StubDecoder(4))
            .scheduler(new StubScheduler())
            .build()) {
      Generation generation =
          pipeline
              .prepare(GenerationRequest.builder("a panda").steps(2).frames(2).build())
              .onProgress(progress -> throwUnchecked(failure));
      return catchThrowable(generation::toVideo);
    } finally {
      objects.assertNoMore();
    }
  }

  private static void throwUnchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  @Test
  void keepsTheFramesOfLibtorchInTheCause() {
    RuntimeException failure = failureOfLibtorch();
    assertThat(failure).hasMessageContaining("Exception raised from");
    Throwable thrown = failing(failure);
    assertThat(thrown)
        .isInstanceOf(ComputeException.class)
        .hasMessageStartingWith("libtorch failed while generating: ")
        .hasMessageNotContainingAny("\n", "Exception raised from", "frame #");
    assertThat(thrown.getCause()).isSameAs(failure);
  }

  private static RuntimeException failureOfLibtorch() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return catchThrowableOfType(
          RuntimeException.class, () -> torch.ones(2, 3).matmul(torch.ones(2, 3)));
    }
  }

  @Test
  void namesNullPointersOfNativeObjects() {
    assertThat(failing(new NullPointerException("This pointer address is NULL.")))
        .isInstanceOf(ComputeException.class)
        .hasMessageContaining("This pointer address is NULL.");
  }

  @Test
  void saysThatMemoryRanOut() {
    assertThat(
            failing(
                new OutOfMemoryError(
                    "Physical memory usage is too high: physicalBytes (9G) > maxPhysicalBytes"
                        + " (8G)")))
        .isInstanceOf(InsufficientMemoryException.class)
        .hasMessageContaining("Physical memory usage is too high")
        .hasCauseInstanceOf(OutOfMemoryError.class);
    assertThat(failing(new RuntimeException("unable to mmap 4096 bytes from file </x>: 12")))
        .isInstanceOf(InsufficientMemoryException.class);
  }

  @Test
  void leavesTheFailuresOfPlugInsAlone() {
    for (Throwable failure :
        new Throwable[] {
          new IllegalArgumentException("Exception raised from a plug-in"),
          new NullPointerException("latents"),
          new RuntimeException("no more seats"),
          new CheckpointException("damaged"),
          new OutOfMemoryError("Java heap space"),
          new StackOverflowError()
        }) {
      assertThat(failing(failure)).isSameAs(failure);
    }
  }

  @Test
  void saysThatAReadWasInterrupted(@TempDir Path folder) {
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      Generation generation =
          pipeline
              .prepare(TinyPipeline.request().build())
              .onProgress(progress -> Thread.currentThread().interrupt());
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(generation::toVideo)
          .withMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(pipeline.generate(TinyPipeline.request().build()).frameCount()).isEqualTo(2);
    }
  }

  @Test
  void buildsOnAnInterruptedThreadOrSaysThatItWasInterrupted(@TempDir Path folder) {
    Path model = GoldenModel.write("one-level", folder.resolve("model"));
    Thread.currentThread().interrupt();
    try {
      TextToVideoPipeline.builder().checkpoint(model).threads(1).build().close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .checkpoint(model)
                    .threads(1)
                    .denoiser(new StubDenoiser(6, new LatentSize(2, 3)))
                    .textEncoder(
                        textEncoder -> {
                          Thread.currentThread().interrupt();
                          return textEncoder;
                        })
                    .build());
    assertThat(Thread.interrupted()).isTrue();
  }
}
