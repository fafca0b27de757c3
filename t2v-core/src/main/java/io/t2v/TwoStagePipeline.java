package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Drafts a video with one model and enlarges it with another: zeroscope's recipe.
 *
 * <pre>{@code
 * try (TwoStagePipeline zeroscope = TwoStagePipeline.builder()
 *     .first(TextToVideoPipeline.builder().checkpoint("cerspense/zeroscope_v2_576w"))
 *     .second(TextToVideoPipeline.builder().checkpoint("cerspense/zeroscope_v2_XL"))
 *     .size(1024, 576)
 *     .strength(0.66)
 *     .build()) {
 *   Video video = zeroscope.generate(GenerationRequest.builder("a lighthouse in a storm")
 *       .size(576, 320).frames(24).steps(40).seed(7).build());
 * }
 * }</pre>
 *
 * <p>The frames of the first model are resized, and the second one starts from them, with the same
 * prompts, seeds and settings. A request without a seed gets one for both stages, which the record
 * of the video holds, so that the request with that seed makes the same video. Where both models do
 * not fit into memory together, each is closed before the other one generates, and built again for
 * the next video.
 *
 * <p>Safe for use by many threads, which take turns.
 */
public final class TwoStagePipeline implements AutoCloseable {
  private final PipelineBuilder firstBuilder;
  private final PipelineBuilder secondBuilder;
  private final int width;
  private final int height;
  private final double strength;
  private final boolean resizesLatents;
  private final Optional<Boolean> keepsBoth;
  private final UnaryOperator<GenerationRequest.Builder> secondRequest;
  private @Nullable TextToVideoPipeline first;
  private @Nullable TextToVideoPipeline second;
  private boolean closed;

  private TwoStagePipeline(Builder builder) {
    firstBuilder = builder.first.get().orElseThrow();
    secondBuilder = builder.second.get().orElseThrow();
    width = builder.size.get().orElseThrow().get(0);
    height = builder.size.get().orElseThrow().get(1);
    strength = builder.strength.orElse(GenerationRequest.DEFAULT_STRENGTH);
    resizesLatents = builder.resizesLatents.orElse(false);
    keepsBoth = builder.keepsBoth.get();
    secondRequest = builder.secondRequest.orElse(UnaryOperator.identity());
  }

  /**
   * Starts a two-stage pipeline.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Generates a video.
   *
   * @param request for the first model, for one video
   * @return the video of the second model
   * @throws IllegalArgumentException if the request does not fit one of the models
   * @throws InsufficientMemoryException if a stage does not fit into memory
   * @throws IllegalStateException if the request asks for several videos, or this object is closed
   * @throws GenerationCancelledException if the thread was interrupted
   */
  public Video generate(GenerationRequest request) {
    checkState(
        request.videos() == 1,
        "the request asks for %s videos: use generateAll()",
        request.videos());
    return generateAll(request, progress -> {}, new CancellationToken()).get(0);
  }

  /**
   * Generates all videos of a request.
   *
   * @param request for the first model
   * @param listener told of both stages as of one generation: fractions go on where the first stage
   *     ends, weighed by steps and pixels
   * @param token stops either stage
   * @return the videos of the second model, one a prompt
   * @throws IllegalArgumentException if the request does not fit one of the models
   * @throws InsufficientMemoryException if a stage does not fit into memory
   * @throws IllegalStateException if this object is closed
   * @throws GenerationCancelledException if the run was stopped
   */
  public synchronized List<Video> generateAll(
      GenerationRequest request, ProgressListener listener, CancellationToken token) {
    checkState(!closed, "this pipeline is closed");
    return generateSeeded(withSeeds(request), listener, token);
  }

  private static GenerationRequest withSeeds(GenerationRequest request) {
    return request.seeds().isEmpty()
        ? request.toBuilder().seeds(GenerationSeeds.draw(request.videos())).build()
        : request;
  }

  private List<Video> generateSeeded(
      GenerationRequest request, ProgressListener listener, CancellationToken token) {
    Generation draft = first().prepare(request).cancelledBy(token);
    double share = shareOfDraft(request, draft.videoInfo());
    draft.onProgress(progress -> listener.onProgress(scaled(progress, 0, share)));
    GenerationRequest large =
        resizesLatents ? afterLatents(request, draft.toLatents()) : afterVideos(request, draft);
    if (!keepsBoth.orElseGet(() -> second().plan(large).fits())) {
      closeFirst();
    }
    return second()
        .prepare(large)
        .cancelledBy(token)
        .onProgress(progress -> listener.onProgress(scaled(progress, share, 1)))
        .toVideos();
  }

  private GenerationRequest afterVideos(GenerationRequest request, Generation draft) {
    FrameResize resize = FrameResize.to(width, height);
    List<Video> drafts = draft.toVideos().stream().map(resize::apply).toList();
    return secondRequest.apply(forSecond(request).initVideos(drafts)).build();
  }

  private GenerationRequest afterLatents(GenerationRequest request, NdArray latents) {
    int factor = second().scaleFactor();
    return secondRequest
        .apply(
            forSecond(request)
                .initLatents(LatentResize.bilinear(latents, height / factor, width / factor))
                .frames(request.frames()))
        .build();
  }

  /** Text and settings, without what the first stage starts from. */
  private GenerationRequest.Builder forSecond(GenerationRequest request) {
    Map<String, Object> plain = new LinkedHashMap<>(RequestProperties.ofPlainSettings(request));
    plain.keySet().removeAll(List.of("latents", "initLatents", "strength", "size"));
    GenerationRequest.Builder builder = GenerationRequest.fromProperties(plain).toBuilder();
    request.plugInGuidance().ifPresent(builder::guidance);
    return builder.size(width, height).strength(strength);
  }

  private double shareOfDraft(GenerationRequest request, VideoInfo draft) {
    double small = (double) draft.width() * draft.height() * request.stepsFromStart();
    double large = (double) width * height * request.steps() * strength;
    return small / (small + large);
  }

  private static Progress scaled(Progress progress, double from, double to) {
    return new Progress(
        progress.phase(),
        progress.done(),
        progress.total(),
        from + (to - from) * progress.fraction(),
        progress.preview(),
        to == 1 ? progress.timeLeft() : Optional.empty()); // the first stage knows of itself alone
  }

  private TextToVideoPipeline first() {
    if (first == null) {
      closeSecond(); // it is there if the first one was closed to make room for it
      first = firstBuilder.build();
    }
    return first;
  }

  private TextToVideoPipeline second() {
    if (second == null) {
      second = secondBuilder.build();
    }
    return second;
  }

  private void closeFirst() {
    if (first != null) {
      first.close();
      first = null;
    }
  }

  private void closeSecond() {
    if (second != null) {
      second.close();
      second = null;
    }
  }

  /** Waits for a running generation, and closes both pipelines. Closing twice is harmless. */
  @Override
  public synchronized void close() {
    closed = true;
    try {
      closeFirst();
    } finally {
      closeSecond();
    }
  }

  /** Builds a {@link TwoStagePipeline}. */
  public static final class Builder {
    private final Setting<PipelineBuilder> first = new Setting<>("first");
    private final Setting<PipelineBuilder> second = new Setting<>("second");
    private final Setting<List<Integer>> size = new Setting<>("size");
    private final Setting<Double> strength = new Setting<>("strength");
    private final Setting<Boolean> resizesLatents = new Setting<>("resizeLatents");
    private final Setting<Boolean> keepsBoth = new Setting<>("keepBoth");
    private final Setting<UnaryOperator<GenerationRequest.Builder>> secondRequest =
        new Setting<>("secondRequest");

    private Builder() {}

    /**
     * Sets the model that makes drafts.
     *
     * @param pipeline with all its settings, to be changed no more; it is built when it is needed
     * @return this builder
     */
    public Builder first(PipelineBuilder pipeline) {
      first.set(pipeline);
      return this;
    }

    /**
     * Sets the model that enlarges.
     *
     * @param pipeline with all its settings, to be changed no more; it is built when it is needed
     * @return this builder
     */
    public Builder second(PipelineBuilder pipeline) {
      second.set(pipeline);
      return this;
    }

    /**
     * Sets the size of the result.
     *
     * @param width in pixels, a multiple of the autoencoder's factor
     * @param height in pixels, likewise
     * @return this builder
     * @throws IllegalArgumentException if a side is out of {@link FrameResize}'s range
     */
    public Builder size(int width, int height) {
      FrameResize.to(width, height);
      size.set(List.of(width, height));
      return this;
    }

    /**
     * Sets how far the second model may leave the draft. Default {@link
     * GenerationRequest#DEFAULT_STRENGTH}.
     *
     * @param strength 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder strength(double strength) {
      checkArgument(strength >= 0 && strength <= 1, "strength is %s, expected 0 to 1", strength);
      this.strength.set(strength);
      return this;
    }

    /**
     * Sets whether the latents of the draft are resized in place of its frames, which saves
     * decoding and encoding; for two models with the same autoencoder. Default false.
     *
     * @param resize whether they are
     * @return this builder
     * @see LatentResize
     */
    public Builder resizeLatents(boolean resize) {
      resizesLatents.set(resize);
      return this;
    }

    /**
     * Sets whether both models stay in memory, also until the next video. Default: if the second
     * one fits beside the first one, by its memory plan.
     *
     * @param keep whether they stay
     * @return this builder
     */
    public Builder keepBoth(boolean keep) {
      keepsBoth.set(keep);
      return this;
    }

    /**
     * Sets what is different in the request for the second model, such as its number of steps.
     * Default: nothing but size, strength and what it starts from.
     *
     * @param change of a builder on which every setting can be set anew but those three
     * @return this builder
     */
    public Builder secondRequest(UnaryOperator<GenerationRequest.Builder> change) {
      secondRequest.set(change);
      return this;
    }

    /**
     * Makes the two-stage pipeline. Its two pipelines are built when they are first needed.
     *
     * @return the pipeline, which the caller closes
     * @throws IllegalStateException if a model or the size is missing; the message lists all that
     *     is
     */
    public TwoStagePipeline build() {
      Map<String, Setting<?>> needed = new LinkedHashMap<>();
      needed.put("first", first);
      needed.put("second", second);
      needed.put("size", size);
      needed.values().removeIf(Setting::isSet);
      checkState(needed.isEmpty(), "missing: %s", String.join(", ", needed.keySet()));
      return new TwoStagePipeline(this);
    }
  }
}
