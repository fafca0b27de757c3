package io.t2v;

import static io.t2v.offload.Component.DENOISER;
import static io.t2v.offload.Component.TEXT_ENCODER;
import static io.t2v.offload.Component.VAE_DECODER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.MemoryPlan.Share;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {
  private static final Percentage A_TENTH = Percentage.withPercentage(10);
  private static final GenerationRequest REQUEST = TinyPipeline.request().build();

  @TempDir Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeModel() {
    checkpoint = GoldenModel.write("four-levels", folder.resolve("model"), "F16");
  }

  /** Narrow convolutions take what they take in float32: the files' numbers, four bytes each. */
  @Test
  void weighsWithoutReading() {
    CheckpointFiles source = CheckpointFiles.open(checkpoint);
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.component(), 0)) {
      NativeObjects objects = NativeObjects.count();
      MemoryPlan plan = pipeline.plan(REQUEST);
      objects.assertNoMore();
      assertThat(share(plan, DENOISER).weightBytes())
          .isCloseTo(4 * source.unetWeights().parameters(), A_TENTH);
      assertThat(share(plan, TEXT_ENCODER).weightBytes())
          .isCloseTo(4 * source.textEncoderWeights().parameters(), A_TENTH);
      assertThat(share(plan, VAE_DECODER).weightBytes())
          .isPositive()
          .isLessThan(5 * source.vaeWeights().parameters());
      assertThat(plan.fits()).isTrue();
      assertThat(plan.suggestion()).isEmpty();
    }
  }

  @Test
  void peakIsTheHungriestNetworkAndAllThatIsKept() {
    try (TextToVideoPipeline none = open(OffloadPolicy.none(), 0);
        TextToVideoPipeline component = open(OffloadPolicy.component(), 0)) {
      Share denoiser = share(none.plan(REQUEST), DENOISER);
      Share decoder = share(none.plan(REQUEST), VAE_DECODER);
      long hungriest =
          component.plan(REQUEST).shares().stream()
              .mapToLong(share -> share.weightBytes() + share.activationBytes())
              .max()
              .orElseThrow();
      long process = component.plan(REQUEST).peakBytes() - hungriest;
      assertThat(process).isBetween(0L, 256L << 20);
      assertThat(none.plan(REQUEST).peakBytes() - process)
          .isEqualTo(
              denoiser.weightBytes()
                  + decoder.weightBytes()
                  + Math.max(denoiser.activationBytes(), decoder.activationBytes()));
    }
  }

  /**
   * Minimal filtering takes twice the memory for wide kernels, and is dropped where that is short.
   */
  @Test
  void wideKernelsDoNotGrowWhereMemoryIsShort() {
    checkpoint = GoldenModel.write("wide", folder.resolve("wide"));
    GenerationRequest request = GenerationRequest.builder("a cat").frames(16).build();
    try (TextToVideoPipeline fast = open(OffloadPolicy.none(), 0)) {
      MemoryPlan plan = fast.plan(request);
      try (TextToVideoPipeline small = open(OffloadPolicy.none(), plan.peakBytes() - 1);
          TextToVideoPipeline tooSmall = open(OffloadPolicy.none(), 1 << 20)) {
        assertThat(small.plan(request).fits()).isTrue();
        assertThat(share(small.plan(request), DENOISER).weightBytes())
            .isLessThan(share(plan, DENOISER).weightBytes());
        assertThat(share(tooSmall.plan(request), DENOISER).weightBytes())
            .isEqualTo(share(plan, DENOISER).weightBytes());
      }
    }
  }

  @Test
  void knowsWhatIsLoaded() {
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.none(), 0)) {
      assertThat(pipeline.plan(REQUEST).loadedBytes()).isZero();
      pipeline.generate(REQUEST);
      MemoryPlan plan = pipeline.plan(REQUEST);
      assertThat(plan.loadedBytes())
          .isEqualTo(share(plan, DENOISER).weightBytes() + share(plan, VAE_DECODER).weightBytes());
    }
  }

  @Test
  void activationsGrowWithFramesAndLayersTakeLessThanTheWhole() {
    GenerationRequest longer = TinyPipeline.request().size(512, 512).frames(64).build();
    GenerationRequest shorter = TinyPipeline.request().size(512, 512).frames(32).build();
    try (TextToVideoPipeline plain = open(OffloadPolicy.none(), 0);
        TextToVideoPipeline disk = open(OffloadPolicy.disk(), 0)) {
      assertThat(share(plain.plan(longer), DENOISER).activationBytes())
          .isGreaterThan(share(plain.plan(shorter), DENOISER).activationBytes());
      assertThat(share(disk.plan(longer), DENOISER).weightBytes())
          .isLessThan(share(plain.plan(longer), DENOISER).weightBytes() / 3);
      assertThat(share(disk.plan(longer), DENOISER).activationBytes())
          .as("both halves of guidance wait for each other")
          .isGreaterThan(share(plain.plan(longer), DENOISER).activationBytes());
    }
  }

  @Test
  void refusesWhatCannotFitAndStaysUsable() {
    GenerationRequest tooLarge = TinyPipeline.request().frames(64).size(2048, 2048).build();
    long limit;
    byte[] expected;
    try (TextToVideoPipeline plain = open(OffloadPolicy.none(), 0)) {
      limit = plain.plan(REQUEST).peakBytes();
      expected = plain.generate(REQUEST).rgb();
    }
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.none(), limit)) {
      assertThat(pipeline.generate(REQUEST).rgb()).isEqualTo(expected);
      assertThatThrownBy(() -> pipeline.generate(tooLarge))
          .isInstanceOf(InsufficientMemoryException.class)
          .hasMessageContaining("does not fit into memory")
          .hasMessageContaining("GiB");
      assertThat(pipeline.generate(REQUEST).rgb()).isEqualTo(expected);
    }
  }

  @Test
  void namesTheCheapestChangeThatFits() {
    long none = peak(OffloadPolicy.none());
    long component = peak(OffloadPolicy.component());
    long disk = peak(OffloadPolicy.disk());
    assertThat(cure((none + component) / 2)).contains("OffloadPolicy.component()");
    assertThat(cure((component + disk) / 2)).contains("OffloadPolicy.disk()");
    GenerationRequest longer = TinyPipeline.request().size(512, 512).frames(64).build();
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.disk(), disk + (40L << 20))) {
      assertThat(pipeline.plan(longer).fits()).isFalse();
      String cure = pipeline.plan(longer).suggestion().orElseThrow();
      assertThat(cure).startsWith("window(FrameWindow.of(");
      int frames = Integer.parseInt(cure.replaceFirst("\\D+(\\d+).*", "$1"));
      FrameWindow window = FrameWindow.of(frames);
      assertThat(pipeline.plan(longer.toBuilder().window(window).build()).fits()).isTrue();
      FrameWindow more = FrameWindow.of(frames + 2);
      assertThat(pipeline.plan(longer.toBuilder().window(more).build()).fits()).isFalse();
    }
  }

  @Test
  void autoTakesTheFastestThatFitsAndSaysWhy() {
    long none = peak(OffloadPolicy.none());
    long component = peak(OffloadPolicy.component());
    assertThat(chosen(none * 2)).startsWith("none (auto:");
    assertThat(chosen((none + component) / 2))
        .startsWith("component (auto: none takes")
        .contains("component takes");
    assertThat(chosen(1)).startsWith("disk (auto:").contains("none of which fits");
    assertThatThrownBy(() -> OffloadPolicy.auto().residency(DENOISER))
        .isInstanceOf(IllegalStateException.class);
  }

  private String cure(long limit) {
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.none(), limit)) {
      return pipeline.plan(typical()).suggestion().orElseThrow();
    }
  }

  private long peak(OffloadPolicy policy) {
    try (TextToVideoPipeline pipeline = open(policy, 0)) {
      return pipeline.plan(typical()).peakBytes();
    }
  }

  private String chosen(long limit) {
    try (TextToVideoPipeline pipeline = open(OffloadPolicy.auto(), limit)) {
      return pipeline.plan(typical()).policy();
    }
  }

  private static GenerationRequest typical() {
    return TinyPipeline.request().frames(16).build();
  }

  private TextToVideoPipeline open(OffloadPolicy policy, long limit) {
    PipelineBuilder builder =
        TextToVideoPipeline.builder().checkpoint(checkpoint).offload(policy).threads(1);
    return (limit == 0 ? builder : builder.memoryLimit(limit)).build();
  }

  private static Share share(MemoryPlan plan, Component component) {
    return plan.shares().stream()
        .filter(share -> share.component() == component)
        .findFirst()
        .orElseThrow();
  }
}
