package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.GaussianGenerator;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a request means, on a tiny model. */
class GenerationTest {
  private static final String PROMPT = "a red circle";
  private static final double BATCH_TOLERANCE = 1e-4;

  @TempDir static Path folder;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("odd-latents", folder))
            .threads(1)
            .build();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  @Test
  void givesInABatchWhatSingleRequestsGive() {
    List<String> prompts = List.of(PROMPT, "a blue square", PROMPT);
    List<String> negatives = List.of("blurry", "", "dark");
    List<Long> seeds = List.of(1L, 2L, 3L);
    for (double eta : new double[] {0, 1}) {
      NdArray batch =
          latents(
              settings(GenerationRequest.builder(prompts))
                  .negativePrompts(negatives)
                  .seeds(seeds)
                  .eta(eta));
      for (int i = 0; i < prompts.size(); i++) {
        NdArray single =
            latents(
                settings(GenerationRequest.builder(prompts.get(i)))
                    .negativePrompt(negatives.get(i))
                    .seed(seeds.get(i))
                    .eta(eta));
        Golden.assertClose("video " + i, batch.entry(i).values(), single.values(), BATCH_TOLERANCE);
      }
    }
  }

  @Test
  void startsAllVideosFromTheSameNoiseWithOneSeed() {
    NdArray both = latents(settings(GenerationRequest.builder(List.of(PROMPT, PROMPT))).seed(4));
    Golden.assertClose("second", both.entry(1).values(), both.entry(0).values(), BATCH_TOLERANCE);
  }

  @Test
  void recordsARandomSeedThatMakesTheSameVideo() {
    Video first = pipeline.generate(settings(GenerationRequest.builder(PROMPT)).build());
    long seed = first.provenance().seed().orElseThrow();
    Video again = pipeline.generate(settings(GenerationRequest.builder(PROMPT)).seed(seed).build());
    Video other = pipeline.generate(settings(GenerationRequest.builder(PROMPT)).build());
    assertThat(again.rgb()).isEqualTo(first.rgb());
    assertThat(other.provenance().seed().orElseThrow()).isNotEqualTo(seed);
    assertThat(other.rgb()).isNotEqualTo(first.rgb());
  }

  @Test
  void drawsASeedForEachVideo() {
    List<Video> videos =
        pipeline.generateAll(settings(GenerationRequest.builder(List.of(PROMPT, PROMPT))).build());
    assertThat(videos.get(0).provenance().seed()).isNotEqualTo(videos.get(1).provenance().seed());
    assertThat(videos.get(0).rgb()).isNotEqualTo(videos.get(1).rgb());
  }

  @Test
  void takesGivenNoiseInPlaceOfDrawing() {
    NdArray noise;
    try (ComputeScope scope = ComputeScope.open(1);
        GaussianGenerator generator = new GaussianGenerator(11)) {
      noise = array(generator.draw(1, 4, 3, 5, 7));
    }
    assertThat(latents(settings(GenerationRequest.builder(PROMPT)).latents(noise)))
        .isEqualTo(latents(settings(GenerationRequest.builder(PROMPT)).seed(11)));
  }

  @Test
  void recordsNoSeedWhereNothingIsDrawn() {
    NdArray noise = NdArray.of(new long[] {1, 4, 3, 5, 7}, new float[420]);
    GenerationRequest.Builder given = settings(GenerationRequest.builder(PROMPT)).latents(noise);
    assertThat(pipeline.generate(given.build()).provenance().seed()).isEmpty();
    assertThat(pipeline.generate(given.eta(0.5).build()).provenance().seed()).isPresent();
  }

  @Test
  void takesGivenEmbeddingsInPlaceOfPrompts() {
    NdArray prompt = encode(PROMPT);
    NdArray negative = encode("blurry");
    NdArray expected =
        latents(settings(GenerationRequest.builder(PROMPT)).negativePrompt("blurry").seed(1));
    assertThat(
            latents(
                settings(GenerationRequest.ofEmbeddings(prompt)).negativePrompt("blurry").seed(1)))
        .isEqualTo(expected);
    assertThat(
            latents(
                settings(GenerationRequest.ofEmbeddings(prompt))
                    .negativeEmbeddings(negative)
                    .seed(1)))
        .isEqualTo(expected);
    assertThat(
            latents(
                settings(GenerationRequest.builder(PROMPT)).negativeEmbeddings(negative).seed(1)))
        .isEqualTo(expected);
  }

  @Test
  void ignoresTheNegativePromptWithoutGuidance() {
    GenerationRequest plain =
        settings(GenerationRequest.builder(PROMPT)).seed(1).guidanceScale(1).build();
    NdArray expected = latents(plain.toBuilder());
    assertThat(latents(plain.toBuilder().negativePrompt("blurry"))).isEqualTo(expected);
    assertThat(latents(plain.toBuilder().guidanceScale(0.5))).isEqualTo(expected);
    assertThat(latents(plain.toBuilder().guidanceScale(-3))).isEqualTo(expected);
    assertThat(latents(plain.toBuilder().guidanceScale(1.5))).isNotEqualTo(expected);
    assertThat(pipeline.generate(plain).provenance().properties())
        .doesNotContainKey(Provenance.NEGATIVE_PROMPT);
  }

  @Test
  void guidesAwayFromTheEmptyTextUnlessToldOtherwise() {
    GenerationRequest plain = settings(GenerationRequest.builder(PROMPT)).seed(1).build();
    NdArray expected = latents(plain.toBuilder());
    assertThat(latents(plain.toBuilder().negativePrompt(""))).isEqualTo(expected);
    assertThat(latents(plain.toBuilder().negativePrompt("blurry"))).isNotEqualTo(expected);
  }

  @Test
  void generatesLatentsOfTheShapeThatItDecodes() {
    GenerationRequest request = settings(GenerationRequest.builder(PROMPT)).seed(1).build();
    assertThat(pipeline.prepare(request).toLatents().shape()).containsExactly(1, 4, 3, 5, 7);
    Video video = pipeline.prepare(request).toVideo();
    assertThat(video.height()).isEqualTo(40);
    assertThat(video.width()).isEqualTo(56);
    assertThat(video.frameCount()).isEqualTo(3);
    assertThat(pipeline.prepare(request).toVideos()).hasSize(1);
    assertThat(pipeline.prepare(request).toVideos().get(0).rgb()).isEqualTo(video.rgb());
  }

  @Test
  void runsAPreparedGenerationAgainFromTheStart() {
    Generation generation =
        pipeline.prepare(settings(GenerationRequest.builder(PROMPT)).seed(1).build());
    assertThat(generation.toLatents()).isEqualTo(generation.toLatents());
  }

  @Test
  void generatesWithoutAPrompt() {
    Video video = pipeline.generate(settings(GenerationRequest.unconditional()).seed(1).build());
    assertThat(video.provenance().prompt()).contains("");
  }

  @Test
  void refusesToMakeSeveralVideosOne() {
    Generation two =
        pipeline.prepare(settings(GenerationRequest.builder(List.of(PROMPT, PROMPT))).build());
    assertThatIllegalStateException().isThrownBy(two::toVideo).withMessageContaining("2 videos");
  }

  @Test
  void recordsHowTheVideoCameAbout() {
    Video video =
        pipeline.generate(
            settings(GenerationRequest.builder(PROMPT + " and".repeat(40)))
                .negativePrompt("blurry")
                .seed(Long.MIN_VALUE)
                .eta(0.25)
                .clipSkip(1)
                .framesPerSecond(12.5)
                .build());
    assertThat(video.framesPerSecond()).isEqualTo(12.5);
    Map<String, Object> properties = video.provenance().properties();
    assertThat(properties)
        .containsEntry(Provenance.PROMPT, PROMPT + " and".repeat(40))
        .containsEntry(Provenance.NEGATIVE_PROMPT, "blurry")
        .containsEntry(Provenance.SEED, Long.MIN_VALUE)
        .containsEntry(Provenance.STEPS, 2)
        .containsEntry(Provenance.GUIDANCE_SCALE, 5.0)
        .containsEntry(Provenance.ETA, 0.25)
        .containsEntry(Provenance.CLIP_SKIP, 1)
        .containsEntry(Provenance.SCHEDULER, "DDIMScheduler")
        .containsEntry(Provenance.CHECKPOINT, folder.toString())
        .containsEntry(Provenance.DTYPE, "float32")
        .containsEntry(Provenance.DEVICE, "cpu")
        .containsKeys(Provenance.TRUNCATED_TEXT, Provenance.SCHEDULER_CONFIG, Provenance.VERSIONS);
    Map<?, ?> versions = (Map<?, ?>) properties.get(Provenance.VERSIONS);
    assertThat(versions.keySet().toString()).contains("t2v", "pytorch", "cpuCapability", "java");
    assertThat(video.provenance().timings())
        .containsOnlyKeys(
            "encode_text", "prepare_denoiser", "denoise", "guidance_and_scheduler", "decode")
        .allSatisfy((phase, time) -> assertThat(time).isPositive());
  }

  private static GenerationRequest.Builder settings(GenerationRequest.Builder builder) {
    return builder.steps(2).frames(3).guidanceScale(5).build().toBuilder();
  }

  private static NdArray latents(GenerationRequest.Builder builder) {
    return pipeline.prepare(builder.build()).toLatents();
  }

  private static NdArray encode(String text) {
    CheckpointFiles checkpoint = CheckpointFiles.open(folder);
    try (ComputeScope scope = ComputeScope.open(1);
        ClipTextEncoder encoder =
            ClipTextEncoder.open(
                checkpoint.textEncoderConfig(),
                checkpoint.textEncoderWeights(),
                ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow()))) {
      return array(encoder.encode(List.of(text), 0).embeddings());
    }
  }

  private static NdArray array(Tensor tensor) {
    return NdArray.of(HostTensors.shape(tensor), HostTensors.toFloats(tensor));
  }
}
