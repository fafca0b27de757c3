package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.scheduler.DdimScheduler;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.LatentSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a filter sees, replaces and refuses, and where it stands. */
class ContentFilterTest {
  private static final int TEXT_WIDTH = 6;

  /** A filter of two functions that notes what it sees. */
  private static final class Filter implements ContentFilter {
    private final List<String> seen = new ArrayList<>();
    private final UnaryOperator<String> prompts;
    private final UnaryOperator<byte[]> frames;

    Filter(UnaryOperator<String> prompts, UnaryOperator<byte[]> frames) {
      this.prompts = prompts;
      this.frames = frames;
    }

    @Override
    public String filterPrompt(String prompt) {
      seen.add(prompt);
      return prompts.apply(prompt);
    }

    @Override
    public String filterNegativePrompt(String negativePrompt) {
      seen.add("not " + negativePrompt);
      return negativePrompt;
    }

    @Override
    public byte[] filterFrame(byte[] rgb, int index, VideoInfo video) {
      seen.add("frame " + index + " of " + video.provenance().properties().get("prompt"));
      return frames.apply(rgb);
    }
  }

  /** Notes what arrives. */
  private static final class Arrived implements FrameSink {
    private final List<String> calls = new ArrayList<>();

    @Override
    public void begin(VideoInfo clip) {
      calls.add("begin");
    }

    @Override
    public void frame(byte[] rgb) {
      calls.add("frame");
    }

    @Override
    public void end() {
      calls.add("end");
    }
  }

  @TempDir Path folder;

  private final NativeObjects objects = NativeObjects.count();
  private final StubTextEncoder textEncoder = new StubTextEncoder(TEXT_WIDTH);
  private final StubDecoder decoder = new StubDecoder(4);

  @AfterEach
  void leavesNothingBehind() {
    objects.assertNoMore();
  }

  private TextToVideoPipeline pipeline(ContentFilter filter) {
    return stubs(config -> new StubScheduler()).contentFilter(filter).build();
  }

  private PipelineBuilder stubs(SchedulerFactory scheduler) {
    return TextToVideoPipeline.builder()
        .textEncoder(textEncoder)
        .denoiser(new StubDenoiser(TEXT_WIDTH, new LatentSize(2, 3)))
        .vaeDecoder(decoder)
        .scheduler(scheduler);
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder("a panda").steps(1).frames(2).seed(1).build().toBuilder();
  }

  private static <T> T refuse(T content) {
    throw new ContentRefusedException("no pandas");
  }

  /** Refuses every frame after the first ones. */
  private static UnaryOperator<byte[]> first(int allowed) {
    int[] seen = {0};
    return rgb -> seen[0]++ < allowed ? rgb : refuse(rgb);
  }

  @Test
  void seesEveryTextAndEveryFrame() {
    Filter filter = new Filter(prompt -> prompt, rgb -> rgb);
    GenerationRequest travelling =
        request().promptAt(1, "a dog").negativePrompt("blur").negativePromptAt(1, "noise").build();
    GenerationRequest two = GenerationRequest.builder(List.of("x", "y")).steps(1).frames(1).build();
    try (TextToVideoPipeline pipeline = pipeline(filter)) {
      pipeline.generate(travelling);
      assertThat(filter.seen)
          .containsExactlyInAnyOrder(
              "a panda",
              "a dog",
              "not blur",
              "not noise",
              "frame 0 of a panda",
              "frame 1 of a panda");
      filter.seen.clear();
      pipeline.generateAll(two);
      assertThat(filter.seen).containsExactly("x", "y", "frame 0 of x", "frame 0 of y");
    }
  }

  @Test
  void replacesPromptsAndFrames() {
    Filter filter = new Filter(prompt -> "a cat", rgb -> new byte[rgb.length]);
    try (TextToVideoPipeline pipeline = pipeline(filter)) {
      Video video = pipeline.generate(request().build());
      assertThat(video.provenance().properties()).containsEntry("prompt", "a cat");
      assertThat(video.rgb()).containsOnly(0);
    }
  }

  @Test
  void isNotAskedAboutItsOwnReplacement() {
    Filter filter = new Filter(prompt -> prompt.contains("cat") ? refuse(prompt) : "a cat", x -> x);
    try (TextToVideoPipeline pipeline = pipeline(filter)) {
      pipeline.prepare(request().build());
    }
    assertThat(filter.seen).containsExactly("a panda");
  }

  /** A run that is saved by a pipeline with a filter, or with none. */
  private SavedRun saved(@Nullable ContentFilter filter) {
    Path file = folder.resolve("run");
    try (TextToVideoPipeline pipeline = savable(filter)) {
      pipeline.prepare(request().negativePrompt("blur").build()).saveRunTo(file).toLatents();
    }
    return SavedRun.read(file);
  }

  private TextToVideoPipeline savable(@Nullable ContentFilter filter) {
    PipelineBuilder builder = stubs(DdimScheduler::fromConfig);
    return filter == null ? builder.build() : builder.contentFilter(filter).build();
  }

  @Test
  void textsOfASavedRunAreNotReplacedTwiceButMayBeRefused() {
    Filter politely = new Filter(prompt -> prompt + ", please", rgb -> rgb);
    SavedRun saved = saved(politely);
    assertThat(saved.request().prompts()).containsExactly("a panda, please");
    try (TextToVideoPipeline pipeline = savable(politely)) {
      Video video = pipeline.resume(saved).toVideo();
      assertThat(video.provenance().prompt()).contains("a panda, please");
      assertThat(politely.seen)
          .as("asked about what the run holds")
          .containsSubsequence("a panda, please", "not blur", "frame 0 of a panda, please");
      GenerationRequest original = request().negativePrompt("blur").build();
      assertThat(pipeline.prepare(original).resume(saved).toVideo().rgb()).isEqualTo(video.rgb());
    }
    try (TextToVideoPipeline stricter = savable(new Filter(ContentFilterTest::refuse, x -> x))) {
      assertThatExceptionOfType(ContentRefusedException.class)
          .isThrownBy(() -> stricter.resume(saved));
    }
  }

  @Test
  void textsThatNoFilterHasSeenAreReplacedOnResuming() {
    SavedRun unseen = saved(null);
    try (TextToVideoPipeline pipeline = savable(new Filter(prompt -> "a cat", rgb -> rgb))) {
      assertThatExceptionOfType(SavedRunException.class)
          .isThrownBy(() -> pipeline.resume(unseen))
          .withMessageContaining("prompts is [a cat], but was [a panda]");
    }
  }

  @Test
  void refusesAPromptBeforeAnythingIsComputed() {
    try (TextToVideoPipeline pipeline =
        pipeline(new Filter(ContentFilterTest::refuse, rgb -> rgb))) {
      assertThatExceptionOfType(ContentRefusedException.class)
          .isThrownBy(() -> pipeline.generate(request().build()))
          .withMessage("no pandas");
      assertThatExceptionOfType(ContentRefusedException.class)
          .isThrownBy(() -> pipeline.prepare(request().build()));
    }
    assertThat(textEncoder.calls()).isZero();
  }

  @Test
  void refusesAFrameInEveryWayToGenerate() {
    try (TextToVideoPipeline pipeline = pipeline(new Filter(prompt -> prompt, first(1)))) {
      Generation generation = pipeline.prepare(request().build());
      assertThatExceptionOfType(ContentRefusedException.class).isThrownBy(generation::toVideo);
      assertThatExceptionOfType(ContentRefusedException.class).isThrownBy(generation::toVideos);
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> generation.toVideoAsync(Runnable::run).join())
          .withCauseInstanceOf(ContentRefusedException.class);
      assertThat(generation.toLatents().shape()).containsExactly(1, 4, 2, 2, 3);
    }
  }

  @Test
  void framesBeforeTheRefusedOneHaveLeft() {
    Arrived arrived = new Arrived();
    try (TextToVideoPipeline pipeline = pipeline(new Filter(prompt -> prompt, first(1)))) {
      assertThatExceptionOfType(ContentRefusedException.class)
          .isThrownBy(() -> pipeline.prepare(request().build()).toFrames(arrived));
    }
    assertThat(arrived.calls).containsExactly("begin", "frame");
    assertThat(decoder.frames()).isEqualTo(2);
  }

  @Test
  void keepsPreviewsBackUnlessItAllowsThem() {
    ContentFilter ofPrompts =
        new ContentFilter() {
          @Override
          public boolean allowsPreviews() {
            return true;
          }
        };
    try (TextToVideoPipeline strict = pipeline(new ContentFilter() {});
        TextToVideoPipeline lenient = pipeline(ofPrompts)) {
      Generation generation = strict.prepare(request().build());
      assertThatIllegalStateException()
          .isThrownBy(() -> generation.previews(PreviewMode.DECODED))
          .withMessageContainingAll("previews are set to DECODED", "allowsPreviews()");
      assertThat(generation.previews(PreviewMode.NONE).toVideo().frameCount()).isEqualTo(2);
      List<Preview> shown = new ArrayList<>();
      lenient
          .prepare(request().build())
          .previews(PreviewMode.DECODED)
          .onProgress(progress -> progress.preview().ifPresent(shown::add))
          .toVideo();
      assertThat(shown).hasSize(1);
    }
  }

  @Test
  void namesAFilterThatReturnsWhatItMustNot() {
    assertBroken(new Filter(prompt -> null, rgb -> rgb), ".filterPrompt returned null");
    assertBroken(new Filter(prompt -> " ", rgb -> rgb), ".filterPrompt returned a blank text");
    assertBroken(new Filter(prompt -> prompt, rgb -> null), ".filterFrame returned null");
    assertBroken(
        new Filter(prompt -> prompt, rgb -> Arrays.copyOf(rgb, 3)),
        ".filterFrame returned 3 bytes, expected 1152 bytes");
    GenerationRequest weighted = request().promptSyntax(PromptSyntax.COMPEL).build();
    Filter unbalanced = new Filter(prompt -> "(\"a\").blend(x)", rgb -> rgb);
    assertThatIllegalStateException()
        .isThrownBy(() -> new ContentGate(Optional.of(unbalanced)).admit(weighted))
        .withMessageContaining(
            ".filterPrompt returned a text that is not of the request's syntax: ");
  }

  private void assertBroken(ContentFilter filter, String problem) {
    try (TextToVideoPipeline pipeline = pipeline(filter)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> pipeline.generate(request().build()))
          .withMessageContaining(Filter.class.getName() + problem);
    }
  }
}
