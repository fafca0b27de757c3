package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.DdimScheduler;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.LatentSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccelerationTest {
  private static final Acceleration CACHING = Acceleration.none().cacheSteps(2).cacheDepth(0);

  @TempDir static Path folder;
  private static Path checkpoint;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    checkpoint = GoldenModel.write("two-levels", folder);
    pipeline = open(OffloadPolicy.none());
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  private static TextToVideoPipeline open(OffloadPolicy policy) {
    return TextToVideoPipeline.builder()
        .checkpoint(checkpoint)
        .scheduler(DpmSolverMultistepScheduler::fromConfig)
        .offload(policy)
        .threads(1)
        .build();
  }

  private static GenerationRequest request(Acceleration acceleration) {
    return GenerationRequest.builder("a red circle")
        .steps(4)
        .frames(2)
        .size(32, 24)
        .seed(1)
        .guidanceScale(5)
        .acceleration(acceleration)
        .build();
  }

  private static NdArray latents(GenerationRequest request) {
    return pipeline.prepare(request).toLatents();
  }

  /** Reports of progress in each step: one a block. */
  private static List<Integer> blocksOfEachStep(GenerationRequest request) {
    List<Integer> blocks = new ArrayList<>(List.of(-1)); // the report that the phase begins
    pipeline
        .prepare(request)
        .onProgress(
            progress -> {
              if (progress.phase() == Progress.Phase.DENOISE) {
                blocks.set(blocks.size() - 1, blocks.get(blocks.size() - 1) + 1);
                if (progress.done() == blocks.size() && progress.done() < progress.total()) {
                  blocks.add(0);
                }
              }
            })
        .toLatents();
    return blocks;
  }

  @Test
  void anIntervalOfOneChangesNothing() {
    GenerationRequest plain = request(Acceleration.none());
    assertThat(latents(request(Acceleration.none().cacheSteps(1).cacheDepth(0))))
        .isEqualTo(latents(plain));
    assertThat(latents(request(CACHING))).isNotEqualTo(latents(plain));
  }

  @Test
  void stepsBetweenComputeTheOuterBlocksAlone() {
    List<Integer> plain = blocksOfEachStep(request(Acceleration.none()));
    List<Integer> cached = blocksOfEachStep(request(CACHING));
    assertThat(plain).hasSize(4);
    assertThat(cached).hasSize(4);
    assertThat(cached.get(0)).isEqualTo(plain.get(0)).isEqualTo(cached.get(2));
    assertThat(cached.get(1)).isEqualTo(cached.get(3) - 1).isLessThan(plain.get(1) / 2);
  }

  @Test
  void progressWeighsStepsByWhatTheyCompute() {
    List<Double> ends = new ArrayList<>();
    pipeline
        .prepare(request(CACHING))
        .onProgress(
            progress -> {
              if (progress.phase() == Progress.Phase.DENOISE && progress.done() > ends.size()) {
                ends.add(progress.fraction());
              }
            })
        .toLatents();
    double cheap = ends.get(1) - ends.get(0);
    double whole = ends.get(2) - ends.get(1);
    assertThat(cheap).isBetween(0.05 * whole, 0.5 * whole);
    assertThat(ends.get(3) - ends.get(2)).isCloseTo(cheap, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.5})
  void aVideoOfABatchIsTheVideoAlone(double agreement) {
    GenerationRequest.Builder both =
        GenerationRequest.builder(List.of("a red circle", "a blue square"))
            .steps(4)
            .frames(2)
            .size(32, 24)
            .seeds(List.of(1L, 2L))
            .acceleration(CACHING.guidanceAgreement(agreement));
    NdArray batch = latents(both.build());
    GenerationRequest first =
        request(CACHING.guidanceAgreement(agreement)).toBuilder().guidanceScale(9).build();
    assertThat(batch.entry(0)).isEqualTo(latents(first).entry(0));
  }

  @Test
  void offloadedBlocksGiveTheSame() {
    try (TextToVideoPipeline offloaded = open(OffloadPolicy.disk())) {
      assertThat(offloaded.prepare(request(CACHING)).toLatents())
          .isEqualTo(latents(request(CACHING)));
    }
  }

  /** The first step that is made of a run from a video has no features to reuse. */
  @Test
  void aRunFromAVideoBeginsWithAWholeStep() {
    Video video = pipeline.generate(request(Acceleration.none()));
    GenerationRequest start = request(CACHING).toBuilder().initVideo(video).strength(0.75).build();
    List<Integer> blocks = blocksOfEachStep(start);
    assertThat(blocks).hasSize(3);
    assertThat(blocks.get(0)).isEqualTo(blocks.get(2) - 1).isGreaterThan(2 * blocks.get(1));
  }

  @Test
  void windowsAndPromptsThatChangeHaveCachesOfTheirOwn() {
    GenerationRequest windows =
        request(CACHING).toBuilder()
            .frames(5)
            .window(FrameWindow.of(2).overlap(1))
            .promptAt(3, "a blue square")
            .build();
    NativeObjects objects = NativeObjects.count();
    NdArray latents = latents(windows);
    objects.assertNoMore();
    assertThat(latents)
        .isNotEqualTo(latents(windows.toBuilder().acceleration(Acceleration.none()).build()));
  }

  @Test
  void leavesNothingBehind() {
    GenerationRequest all = request(CACHING.guidanceAgreement(0.1).alignSteps(true));
    pipeline.generate(all);
    NativeObjects objects = NativeObjects.count();
    pipeline.generate(all);
    objects.assertNoMore();
  }

  /** The step that follows reuses features, and knows that guidance has ended. */
  @Test
  void aSavedRunGoesOnWithItsFeatures() {
    Path file = folder.resolve("run");
    for (double agreement : new double[] {1, 0.01}) {
      GenerationRequest request = request(CACHING.guidanceAgreement(agreement));
      List<SavedRun> saved = new ArrayList<>();
      NdArray undisturbed =
          pipeline
              .prepare(request)
              .saveRunTo(file)
              .onProgress(
                  progress -> {
                    if (progress.phase() == Progress.Phase.DENOISE
                        && progress.done() > saved.size()) {
                      saved.add(SavedRun.read(file));
                    }
                  })
              .toLatents();
      for (SavedRun run : saved) {
        NativeObjects objects = NativeObjects.count();
        assertThat(pipeline.resume(run).toLatents())
            .as("resumed after step %s", run.step())
            .isEqualTo(undisturbed);
        objects.assertNoMore();
      }
      assertThat(saved).hasSize(4);
    }
  }

  /** Of each clip, the features that enter the last layer: 12 channels of 8 × 6. */
  @Test
  void theMemoryPlanCountsTheCache() {
    GenerationRequest plain = request(Acceleration.none()).toBuilder().frames(600).build();
    long cache = pipeline.plan(accelerated(plain, CACHING)).peakBytes();
    assertThat(cache - pipeline.plan(plain).peakBytes()).isEqualTo(2L * 12 * 600 * 8 * 6 * 4);
  }

  private static TextToVideoPipeline stubs(StubDenoiser denoiser, Scheduler scheduler) {
    return TextToVideoPipeline.builder()
        .textEncoder(new StubTextEncoder(6))
        .denoiser(denoiser)
        .vaeDecoder(new StubDecoder(4))
        .scheduler(scheduler)
        .threads(1)
        .build();
  }

  /** The stub's predictions for prompt and negative prompt differ, and point to the same side. */
  @Test
  void guidanceStopsOnceBothHalvesAgree() {
    StubDenoiser denoiser = new StubDenoiser(6, new LatentSize(6, 8));
    try (TextToVideoPipeline stubs = stubs(denoiser, new StubScheduler())) {
      GenerationRequest guided = request(Acceleration.none());
      NdArray never =
          stubs.prepare(accelerated(guided, Acceleration.none().guidanceAgreement(1))).toLatents();
      assertThat(denoiser.clips()).containsExactly(2, 2, 2, 2);
      assertThat(never).isEqualTo(stubs.prepare(guided).toLatents());
      denoiser.forgetClips();
      NdArray early =
          stubs
              .prepare(accelerated(guided, Acceleration.none().guidanceAgreement(1e-6)))
              .toLatents();
      assertThat(denoiser.clips()).containsExactly(2, 1, 1, 1);
      assertThat(early)
          .isEqualTo(stubs.prepare(guided.toBuilder().guidanceStop(0.25).build()).toLatents());
      assertThat(denoiser.open()).isZero();
    }
  }

  private static GenerationRequest accelerated(GenerationRequest request, Acceleration ways) {
    return request.toBuilder().acceleration(ways).build();
  }

  @Test
  void alignedStepsStandAtThePublishedTimesteps() {
    Scheduler scheduler = DpmSolverMultistepScheduler.builder().build();
    GenerationRequest aligned =
        request(Acceleration.none().alignSteps(true)).toBuilder().steps(7).build();
    try (SamplingPlan plan = RunSteps.plan(aligned, scheduler)) {
      assertThat(Arrays.stream(plan.timesteps()).boxed().toList())
          .isEqualTo(scheduler.alignedTimesteps(7))
          .hasSize(7);
    }
  }

  @Test
  void refusesWhatThePipelineCannotDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.prepare(request(CACHING.cacheDepth(99))))
        .withMessageMatching(
            "the acceleration has the cacheDepth 99, expected 0 to \\d+, the skip connections of"
                + " this network");
    try (TextToVideoPipeline stubs =
        stubs(new StubDenoiser(6, new LatentSize(2, 3)), new StubScheduler())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stubs.prepare(request(CACHING)))
          .withMessageContainingAll("the cacheInterval 2", "StubDenoiser", "expected 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stubs.prepare(request(Acceleration.none().alignSteps(true))))
          .withMessageContainingAll("aligns steps", "StubScheduler takes no timesteps");
    }
    assertThat(DdimScheduler.builder().build().alignedTimesteps(10)).isEmpty();
    FrameWindow window = FrameWindow.of(2);
    for (FrameWindow moving : List.of(window.shiftEachStep(true), window.loop(true))) {
      assertThatIllegalStateException()
          .isThrownBy(() -> request(CACHING).toBuilder().window(moving).build())
          .withMessageContaining("acceleration caches steps, but the window moves");
    }
  }

  @Test
  void refusesValuesOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Acceleration.none().cacheSteps(0))
        .withMessage("cacheInterval is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Acceleration.none().cacheDepth(-1))
        .withMessage("cacheDepth is -1, expected at least 0");
    for (double cosine : new double[] {0, 1.5, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Acceleration.none().guidanceAgreement(cosine))
          .withMessage("guidanceAgreement is " + cosine + ", expected above 0, and at most 1");
    }
  }

  @Test
  void isRecordedAndCarriedByPlainValues() {
    Acceleration all = new Acceleration(3, 0, 0.9, true);
    GenerationRequest request = request(all);
    assertThat(GenerationRequest.fromProperties(request.toProperties())).isEqualTo(request);
    assertThat(pipeline.generate(request).provenance().properties())
        .containsEntry(
            Provenance.ACCELERATION,
            Map.of(
                "cacheInterval", 3, "cacheDepth", 0, "guidanceAgreement", 0.9, "alignSteps", true));
    assertThat(request(Acceleration.none()).toProperties()).doesNotContainKey("acceleration");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.fromProperties(
                    Map.of("prompts", List.of("a"), "acceleration", Map.of("cache", 2))))
        .withMessageContaining("cache of acceleration is no setting of an acceleration");
  }
}
