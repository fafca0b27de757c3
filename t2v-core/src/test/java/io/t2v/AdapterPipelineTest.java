package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.Precision;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenAdapters;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingPolicy;
import io.t2v.testing.StubDenoiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pipelines with adapters: their frames, and what pipelines share that differ in adapters alone.
 */
class AdapterPipelineTest {
  private static final Map<String, Object> RESULTS = Golden.json("adapters/results");
  private static final Golden GOLDEN = Golden.tensors("adapters/results");

  /** How often adapters are changed: enough to see a leak. 1000 for a longer run. */
  private static final int SWITCHES = Integer.getInteger("t2v.adapter.switches", 5);

  @TempDir static Path folder;
  private static Path checkpoint;

  private final Adapter both = GoldenAdapters.load("diffusers.safetensors");
  private final Adapter unetAlone = GoldenAdapters.load("rslora");
  private final GenerationRequest request =
      GenerationRequest.builder((String) RESULTS.get("prompt"))
          .size(24, 32)
          .frames(3)
          .steps(5)
          .guidanceScale(5)
          .seed(9)
          .build();
  private final GenerationRequest oneStep = request.toBuilder().steps(1).guidanceScale(1).build();

  @BeforeAll
  static void writeModel() {
    checkpoint = GoldenModel.write((String) RESULTS.get("model"), folder.resolve("model"));
  }

  static List<Map<String, Object>> runs() {
    return Golden.cases(RESULTS, "cases").stream()
        .filter(test -> test.containsKey("frames"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("runs")
  void makesTheReferencesFramesWhereverItsWeightsAre(Map<String, Object> run) {
    List<Adapter> adapters = GoldenAdapters.of(run);
    byte[] frames = frames(adapters, OffloadPolicy.none());
    byte[] expected = GOLDEN.bytes((String) run.get("frames"));
    assertThat(frames).hasSameSizeAs(expected);
    for (int i = 0; i < frames.length; i++) {
      assertThat(Math.abs((frames[i] & 0xff) - (expected[i] & 0xff)))
          .as("byte %s", i)
          .isLessThanOrEqualTo(1);
    }
    assertThat(frames(adapters, OffloadPolicy.component())).isEqualTo(frames);
    assertThat(frames(adapters, OffloadPolicy.disk())).isEqualTo(frames);
  }

  private byte[] frames(List<Adapter> adapters, OffloadPolicy policy) {
    try (TextToVideoPipeline pipeline = open(adapters, builder -> builder.offload(policy))) {
      return pipeline.generate(request).rgb();
    }
  }

  /** The error of eight bits is that of the model without adapters, whose weights are as large. */
  @Test
  void eightBitsAreAsExactAsWithoutAdapters() {
    double plain = errorOfEightBits(List.of());
    assertThat(plain).isPositive();
    assertThat(errorOfEightBits(List.of(both, unetAlone))).isLessThan(2 * plain);
  }

  private double errorOfEightBits(List<Adapter> adapters) {
    try (TextToVideoPipeline exact = open(adapters, builder -> builder);
        TextToVideoPipeline rounded =
            open(adapters, builder -> builder.precision(Precision.INT8))) {
      float[] expected = exact.prepare(oneStep).toLatents().values();
      float[] found = rounded.prepare(oneStep).toLatents().values();
      double square = 0;
      double error = 0;
      for (int i = 0; i < found.length; i++) {
        square += expected[i] * expected[i];
        error += (found[i] - expected[i]) * (found[i] - expected[i]);
      }
      return Math.sqrt(error / square);
    }
  }

  @Test
  void withoutItsAdaptersItIsThePlainModelAgain() {
    try (TextToVideoPipeline plain = open(List.of(), builder -> builder);
        TextToVideoPipeline adapted = plain.withAdapters(List.of(both, unetAlone));
        TextToVideoPipeline removed = adapted.withAdapters(List.of());
        TextToVideoPipeline silenced = adapted.withAdapters(List.of(both.scale(0)))) {
      byte[] expected = plain.generate(oneStep).rgb();
      assertThat(adapted.generate(oneStep).rgb()).isNotEqualTo(expected);
      assertThat(removed.generate(oneStep).rgb()).isEqualTo(expected);
      assertThat(silenced.generate(oneStep).rgb()).isEqualTo(expected);
      assertThat(adapted.adapters()).containsExactly(both, unetAlone);
      assertThat(removed.adapters()).isEmpty();
    }
  }

  @Test
  void isWhatABuilderWouldMake() {
    List<Adapter> adapters = List.of(both.scale(0.5), unetAlone);
    try (TextToVideoPipeline plain = open(List.of(), builder -> builder);
        TextToVideoPipeline changed = plain.withAdapters(adapters);
        TextToVideoPipeline built = open(adapters, builder -> builder)) {
      assertThat(changed.generate(oneStep).rgb()).isEqualTo(built.generate(oneStep).rgb());
    }
  }

  /** The text encoder is the same to an adapter of the UNet alone; the UNet is not. */
  @Test
  void sharesTheNetworksThatItDoesNotChange() {
    RecordingPolicy policy =
        new RecordingPolicy(component -> OffloadPolicy.none().residency(component));
    try (TextToVideoPipeline plain = open(List.of(), builder -> builder.offload(policy))) {
      plain.generate(oneStep);
      policy.takeMoves();
      try (TextToVideoPipeline adapted = plain.withAdapters(List.of(unetAlone))) {
        assertThat(adapted.plan(oneStep).loadedBytes())
            .isPositive()
            .isLessThan(plain.plan(oneStep).loadedBytes());
        adapted.generate(oneStep);
        assertThat(policy.takeMoves())
            .filteredOn(event -> event.direction() == Direction.LOADED)
            .extracting(ResidencyEvent::component)
            .containsOnly(Component.DENOISER);
        Adapter again = Adapter.load(unetAlone.path());
        try (TextToVideoPipeline same = adapted.withAdapters(List.of(again))) {
          same.generate(oneStep);
          assertThat(policy.takeMoves()).as("moves for the same adapter, loaded again").isEmpty();
        }
      }
    }
  }

  @Test
  void eitherMayBeClosedFirst() {
    TextToVideoPipeline plain = open(List.of(), builder -> builder);
    byte[] expected = plain.generate(oneStep).rgb();
    TextToVideoPipeline adapted = plain.withAdapters(List.of(unetAlone));
    byte[] withAdapter = adapted.generate(oneStep).rgb();
    TextToVideoPipeline third = adapted.withAdapters(List.of());
    plain.close();
    plain.close();
    assertThat(adapted.generate(oneStep).rgb()).isEqualTo(withAdapter);
    adapted.close();
    assertThat(third.generate(oneStep).rgb()).isEqualTo(expected);
    third.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> adapted.withAdapters(List.of()))
        .withMessage("this pipeline is closed");
  }

  @Test
  void readsTheFilesThatWereOpenedFirst(@TempDir Path own) throws IOException {
    Path model = GoldenModel.write((String) RESULTS.get("model"), own.resolve("model"));
    Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
    try (TextToVideoPipeline plain =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).build()) {
      byte[] expected = plain.generate(oneStep).rgb();
      Path other = Files.write(own.resolve("other"), new byte[100]);
      Files.move(other, weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      try (TextToVideoPipeline adapted = plain.withAdapters(List.of(unetAlone));
          TextToVideoPipeline again = adapted.withAdapters(List.of())) {
        assertThat(again.generate(oneStep).rgb()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aRunningGenerationIsNotDisturbed() {
    try (TextToVideoPipeline pipeline = open(List.of(both), builder -> builder)) {
      byte[] expected = pipeline.generate(request).rgb();
      CompletableFuture<byte[]> other = new CompletableFuture<>();
      byte[] frames =
          pipeline
              .prepare(request)
              .onProgress(
                  progress -> {
                    if (progress.fraction() > 0.5 && !other.isDone()) {
                      try (TextToVideoPipeline changed =
                          pipeline.withAdapters(List.of(unetAlone))) {
                        other.complete(changed.generate(oneStep).rgb());
                      }
                    }
                  })
              .toVideo()
              .rgb();
      assertThat(frames).isEqualTo(expected);
      try (TextToVideoPipeline alone = open(List.of(unetAlone), builder -> builder)) {
        assertThat(other.join()).isEqualTo(alone.generate(oneStep).rgb());
      }
    }
  }

  @Test
  void changingAdaptersLeavesNothingBehind() {
    try (TextToVideoPipeline plain = open(List.of(), builder -> builder)) {
      plain.generate(oneStep);
      switchOnce(plain);
      NativeObjects objects = NativeObjects.count();
      for (int i = 0; i < SWITCHES; i++) {
        switchOnce(plain);
      }
      objects.assertNoMore();
    }
  }

  private void switchOnce(TextToVideoPipeline plain) {
    try (TextToVideoPipeline adapted = plain.withAdapters(List.of(both, unetAlone))) {
      adapted.generate(oneStep);
    }
  }

  @Test
  void theRecordNamesAdaptersByTheirContent() {
    try (TextToVideoPipeline pipeline = open(List.of(both.temporalScale(0.5)), b -> b)) {
      assertThat(pipeline.generate(oneStep).provenance().properties().get(Provenance.ADAPTERS))
          .isEqualTo(
              List.of(
                  Map.of(
                      "file", both.path().toString(),
                      "sha256", both.digest(),
                      "scale", 1.0,
                      "spatialScale", 1.0,
                      "temporalScale", 0.5)));
      try (TextToVideoPipeline plain = pipeline.withAdapters(List.of())) {
        assertThat(plain.generate(oneStep).provenance().properties())
            .doesNotContainKey(Provenance.ADAPTERS);
      }
    }
  }

  @Test
  void aSavedRunNamesAdaptersAndKnowsThemByTheirContent(@TempDir Path own) throws IOException {
    Path run = own.resolve("video.t2vrun");
    byte[] expected;
    try (TextToVideoPipeline pipeline = open(List.of(both), builder -> builder)) {
      expected = pipeline.prepare(oneStep).saveRunTo(run).toVideo().rgb();
    }
    SavedRun saved = SavedRun.read(run);
    assertThat(saved.videos().get(0).provenance().properties()).containsKey(Provenance.ADAPTERS);
    Path moved = Files.copy(both.path(), own.resolve("moved.safetensors"));
    try (TextToVideoPipeline pipeline = open(List.of(Adapter.load(moved)), builder -> builder);
        TextToVideoPipeline plain = pipeline.withAdapters(List.of())) {
      assertThat(pipeline.resume(saved).toVideo().rgb()).isEqualTo(expected);
      assertThatExceptionOfType(SavedRunException.class)
          .isThrownBy(() -> plain.resume(saved))
          .withMessageContaining("weights is");
    }
  }

  @Test
  void refusesAnAdapterOfAnotherModel() {
    try (TextToVideoPipeline plain = open(List.of(), builder -> builder)) {
      Adapter list = GoldenAdapters.load("list-unet.pt");
      Path other = GoldenModel.write("one-level", folder.resolve("other"));
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint(other).adapter(list).build())
          .withMessageContainingAll(
              list.path().toString(), "301 layers without names", "275 in the whole UNet");
      assertThat(plain.generate(oneStep).frameCount()).isEqualTo(3);
    }
  }

  @Test
  void adaptersNeedACheckpointAndItsOwnDenoiser() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .adapter(unetAlone)
                    .denoiser(new StubDenoiser(24, new io.t2v.unet.LatentSize(8, 8)))
                    .build())
        .withMessageContainingAll(
            "adapters = [" + unetAlone, "set together with denoiser", "but no checkpoint is set");
  }

  private static TextToVideoPipeline open(
      List<Adapter> adapters, UnaryOperator<PipelineBuilder> settings) {
    PipelineBuilder builder =
        settings.apply(TextToVideoPipeline.builder().checkpoint(checkpoint).threads(1));
    adapters.forEach(builder::adapter);
    return builder.build();
  }
}
