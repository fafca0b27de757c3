package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.LatentConstraint;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.FreeU;
import io.t2v.unet.UnetAdjustments;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What to generate: prompts, or embeddings in their place, and settings. Immutable and safe for use
 * by many threads; made by a builder that checks each value at once.
 */
public final class GenerationRequest {
  /** Number of denoising steps, unless set. */
  public static final int DEFAULT_STEPS = 50;

  /** Guidance scale, unless set. */
  public static final double DEFAULT_GUIDANCE_SCALE = 9;

  /** Number of frames, unless set. */
  public static final int DEFAULT_FRAMES = 16;

  /** Strength of a run that starts from a video, unless set. */
  public static final double DEFAULT_STRENGTH = 0.6;

  /** Frames per second, unless set. */
  public static final double DEFAULT_FRAMES_PER_SECOND = 8;

  /** A copy that nobody changes. */
  private final Builder settings;

  private GenerationRequest(Builder settings) {
    this.settings = settings;
  }

  /**
   * Starts a request for one video.
   *
   * @param prompt what the video shows; not blank
   * @return a builder
   * @throws IllegalArgumentException if the prompt is blank
   */
  public static Builder builder(String prompt) {
    return builder(List.of(prompt));
  }

  /**
   * Starts a request for several videos that are computed together.
   *
   * @param prompts what each video shows; none of them blank
   * @return a builder
   * @throws IllegalArgumentException if there is no prompt, or one is blank
   */
  public static Builder builder(List<String> prompts) {
    checkArgument(!prompts.isEmpty(), "there is no prompt, expected at least one");
    for (String prompt : prompts) {
      checkArgument(
          !prompt.isBlank(),
          "a prompt is blank, expected a sentence; for a video of nothing in particular use"
              + " GenerationRequest.unconditional()");
    }
    return new Builder(ImmutableList.copyOf(prompts), null);
  }

  /**
   * Starts a request for embeddings that were made elsewhere.
   *
   * @param embeddings [videos, tokens, width of the text encoder], in place of prompts
   * @return a builder
   * @throws IllegalArgumentException if the shape has not three dimensions, or a value is not
   *     finite
   */
  public static Builder ofEmbeddings(NdArray embeddings) {
    checkEmbeddings("embeddings", embeddings);
    return new Builder(ImmutableList.of(), embeddings);
  }

  /**
   * Starts a request without a prompt: the empty text, which guidance then does not move away from.
   *
   * @return a builder
   */
  public static Builder unconditional() {
    return new Builder(ImmutableList.of(""), null);
  }

  private static void checkEmbeddings(String name, NdArray embeddings) {
    checkArgument(
        embeddings.shape().length == 3,
        "%s are %s, expected [videos, tokens, width]",
        name,
        embeddings);
    checkArgument(embeddings.allFinite(), "%s hold a value that is not finite", name);
  }

  /**
   * Returns a builder with this request's settings.
   *
   * @return an independent builder
   */
  public Builder toBuilder() {
    return new Builder(settings);
  }

  /**
   * Puts other texts in the place of prompts and negative prompts, those of key frames included.
   */
  GenerationRequest withTexts(UnaryOperator<String> prompt, UnaryOperator<String> negativePrompt) {
    Builder changed = new Builder(settings, replaced(prompts(), prompt));
    settings
        .negativePrompts
        .get()
        .ifPresent(texts -> changed.negativePrompts(replaced(texts, negativePrompt)));
    promptsAt().forEach((frame, text) -> changed.promptAt(frame, prompt.apply(text)));
    negativePromptsAt()
        .forEach((frame, text) -> changed.negativePromptAt(frame, negativePrompt.apply(text)));
    return changed.build();
  }

  private static ImmutableList<String> replaced(List<String> texts, UnaryOperator<String> by) {
    return texts.stream().map(by).collect(ImmutableList.toImmutableList());
  }

  /**
   * Returns the number of videos.
   *
   * @return at least 1
   */
  public int videos() {
    return settings.videos();
  }

  /**
   * Returns the prompts.
   *
   * @return one a video; empty if embeddings stand in their place
   */
  public List<String> prompts() {
    return settings.prompts;
  }

  /**
   * Returns how prompts and negative prompts are read.
   *
   * @return the syntax
   */
  public PromptSyntax promptSyntax() {
    return settings.promptSyntax.orElse(PromptSyntax.PLAIN);
  }

  /**
   * Returns the embeddings given in place of prompts.
   *
   * @return [videos, tokens, width]
   */
  public Optional<NdArray> embeddings() {
    return Optional.ofNullable(settings.embeddings);
  }

  /**
   * Returns the negative prompts.
   *
   * @return one for all videos, or one a video; empty for the empty text
   */
  public List<String> negativePrompts() {
    return settings.negativePrompts.orElse(ImmutableList.of());
  }

  /**
   * Returns the prompts that follow the first one in the course of the video.
   *
   * @return frame to prompt, in the order of frames; empty if there is one prompt throughout
   */
  public SortedMap<Integer, String> promptsAt() {
    return Builder.texts(settings.promptsAt);
  }

  /**
   * Returns the negative prompts that follow the first one in the course of the video.
   *
   * @return frame to negative prompt, in the order of frames; empty if there is one throughout
   */
  public SortedMap<Integer, String> negativePromptsAt() {
    return Builder.texts(settings.negativePromptsAt);
  }

  /**
   * Returns the windows in which a long video is computed.
   *
   * @return empty for a video that is computed as a whole
   */
  public Optional<FrameWindow> window() {
    return settings.window.get();
  }

  /**
   * Returns how time is saved at the price of small changes.
   *
   * @return {@link Acceleration#none()} unless set
   */
  public Acceleration acceleration() {
    return settings.acceleration.orElse(Acceleration.none());
  }

  /** Whether what the denoiser reads changes from frame to frame. */
  boolean changesText() {
    return changes(prompts(), promptsAt())
        || (isGuided() && changes(negativePrompts(), negativePromptsAt()));
  }

  /** Whether a later text is another one than the first, which is empty where none is given. */
  static boolean changes(List<String> first, SortedMap<Integer, String> later) {
    String start = first.isEmpty() ? "" : first.get(0);
    return later.values().stream().anyMatch(text -> !text.equals(start));
  }

  /**
   * Returns the embeddings given in place of negative prompts.
   *
   * @return [videos, tokens, width]
   */
  public Optional<NdArray> negativeEmbeddings() {
    return settings.negativeEmbeddings.get();
  }

  /**
   * Returns the seeds.
   *
   * @return one for all videos, or one a video; empty for random ones
   */
  public List<Long> seeds() {
    return settings.seeds.orElse(ImmutableList.of());
  }

  /**
   * Returns the noise given instead of drawn.
   *
   * @return [videos, channels, frames, latent height, latent width]
   */
  public Optional<NdArray> latents() {
    return settings.latents.get();
  }

  /**
   * Returns the videos to start from.
   *
   * @return one for all videos, or one a video; empty to start from noise or {@link #initLatents}
   */
  public List<Video> initVideos() {
    return settings.initVideos.orElse(ImmutableList.of());
  }

  /**
   * Returns the latents to start from.
   *
   * @return clean latents, [videos, channels, frames, latent height, latent width]; empty to start
   *     from noise or {@link #initVideos}
   */
  public Optional<NdArray> initLatents() {
    return settings.initLatents.get();
  }

  /**
   * Returns how far a run that starts from a video may go from it.
   *
   * @return 0 to 1; without meaning for a run that starts from noise
   */
  public double strength() {
    return settings.strength.orElse(DEFAULT_STRENGTH);
  }

  /**
   * Returns which latents of the encoder's distribution stand for a frame of {@link #initVideos}.
   *
   * @return the choice
   */
  public Posterior initPosterior() {
    return settings.initPosterior.orElse(Posterior.SAMPLED);
  }

  /**
   * Returns what changes the latents between steps, beside key frames.
   *
   * @return the constraint that was plugged in
   */
  public Optional<LatentConstraint> constraint() {
    return settings.constraint.get();
  }

  /** By index of the frame, in order. */
  ImmutableSortedMap<Integer, KeyFrame> keyFrames() {
    return settings.setKeyFrames();
  }

  /** The images of the key frames; one that stands at several frames comes once. */
  List<Video> keyImages() {
    return keyFrames().values().stream().map(KeyFrame::image).distinct().toList();
  }

  boolean startsFromVideo() {
    return settings.initVideos.isSet() || settings.initLatents.isSet();
  }

  /** Whether the autoencoder's encoder is needed. */
  boolean encodesImages() {
    return settings.initVideos.isSet() || !keyFrames().isEmpty();
  }

  /** Steps that the run makes: all, or as many of them as the strength says. */
  int stepsFromStart() {
    // In double precision, as in the reference: 50 · 0.58 is a little less than 29.
    return startsFromVideo() ? Math.min((int) (steps() * strength()), steps()) : steps();
  }

  /**
   * Returns the number of denoising steps.
   *
   * @return at least 1
   */
  public int steps() {
    return settings.steps.orElse(DEFAULT_STEPS);
  }

  /**
   * Returns the guidance scale.
   *
   * @return finite; guidance is off at 1 and below. Without meaning where a guidance was plugged in
   */
  public double guidanceScale() {
    return settings.guidanceScale.orElse(DEFAULT_GUIDANCE_SCALE);
  }

  /**
   * Returns how predictions for the prompt and for the negative prompt become one.
   *
   * @return the guidance that was plugged in, or classifier-free guidance with this request's
   *     settings
   */
  public Guidance guidance() {
    return settings.effectiveGuidance();
  }

  /**
   * Tells whether guidance is on, at least in a part of the run.
   *
   * @return true if a guidance was plugged in, or the guidance scale is above 1
   */
  public boolean isGuided() {
    return settings.isGuided();
  }

  /**
   * Returns the settings of FreeU.
   *
   * @return empty if it is off
   */
  public Optional<FreeU> freeU() {
    return settings.freeU.get();
  }

  /**
   * Returns the strength of the layers that attend from frame to frame.
   *
   * @return at least 0; 1 is the model itself
   */
  public double temporalAttentionStrength() {
    return settings.temporalAttentionStrength.orElse(1.0);
  }

  /**
   * Returns the strength of the convolutions along frames.
   *
   * @return at least 0; 1 is the model itself
   */
  public double temporalConvStrength() {
    return settings.temporalConvStrength.orElse(1.0);
  }

  UnetAdjustments unetAdjustments() {
    return new UnetAdjustments(freeU(), temporalAttentionStrength(), temporalConvStrength());
  }

  /**
   * Returns DDIM's eta.
   *
   * @return 0 to 1
   */
  public double eta() {
    return settings.eta.orElse(0.0);
  }

  /**
   * Returns the number of frames of a video.
   *
   * @return at least 1
   */
  public int frames() {
    return settings.wantedFrames();
  }

  /**
   * Returns the width.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt width() {
    return settings.effectiveSize().stream().mapToInt(Builder.Size::width).findFirst();
  }

  /**
   * Returns the height.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt height() {
    return settings.effectiveSize().stream().mapToInt(Builder.Size::height).findFirst();
  }

  /**
   * Returns the number of the text encoder's last layers that are skipped.
   *
   * @return at least 0
   */
  public int clipSkip() {
    return settings.clipSkip.orElse(0);
  }

  /**
   * Returns the frame rate of the video.
   *
   * @return frames per second, above 0
   */
  public double framesPerSecond() {
    return settings
        .framesPerSecond
        .get()
        .orElseGet(
            () ->
                settings.initVideo().map(Video::framesPerSecond).orElse(DEFAULT_FRAMES_PER_SECOND));
  }

  /**
   * Returns how decoded numbers become bytes.
   *
   * @return the rounding
   */
  public PixelRounding pixelRounding() {
    return settings.pixelRounding.orElse(PixelRounding.NEAREST);
  }

  /**
   * Returns the payload of the invisible mark that frames get.
   *
   * @return 64 bits; empty for frames without a mark
   */
  public OptionalLong watermark() {
    return settings.watermark.get().stream().mapToLong(Long::longValue).findFirst();
  }

  /**
   * Returns this request as plain values, which any format can carry: strings, numbers, lists and
   * maps. {@link #fromProperties} makes an equal request of them.
   *
   * @return settings by name, those that differ from the default alone
   * @throws IllegalStateException if a guidance was plugged in, which is an object of the host, or
   *     videos were given, which are not plain values
   */
  public Map<String, Object> toProperties() {
    return RequestProperties.of(this);
  }

  /**
   * Makes a request of plain values.
   *
   * @param properties as {@link #toProperties} returns them; numbers may be of any type
   * @return the request
   * @throws IllegalArgumentException if a name is unknown, or a value is of another type or out of
   *     range; the message names it
   * @throws IllegalStateException if settings contradict each other
   */
  public static GenerationRequest fromProperties(Map<String, ?> properties) {
    return RequestProperties.toRequest(properties);
  }

  Optional<Guidance> plugInGuidance() {
    return settings.guidance.get();
  }

  /** Every setting, for comparison. */
  private List<Object> state() {
    return List.of(
        prompts(),
        embeddings(),
        promptSyntax(),
        negativePrompts(),
        negativeEmbeddings(),
        promptsAt(),
        negativePromptsAt(),
        window(),
        acceleration(),
        seeds(),
        latents(),
        initVideos(),
        initLatents(),
        strength(),
        initPosterior(),
        keyFrames(),
        constraint(),
        steps(),
        guidance(),
        unetAdjustments(),
        eta(),
        frames(),
        width(),
        height(),
        clipSkip(),
        framesPerSecond(),
        pixelRounding(),
        watermark());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GenerationRequest request && state().equals(request.state());
  }

  @Override
  public int hashCode() {
    return state().hashCode();
  }

  /** The settings that differ from the default. */
  @Override
  public String toString() {
    Map<String, Object> shown = new LinkedHashMap<>(RequestProperties.ofPlainSettings(this));
    if (!initVideos().isEmpty()) {
      shown.put("initVideos", initVideos());
    }
    if (!keyFrames().isEmpty()) {
      shown.put("keyFrames", keyFrames());
    }
    constraint().ifPresent(constraint -> shown.put(Provenance.CONSTRAINT, constraint.name()));
    if (initPosterior() != Posterior.SAMPLED) {
      shown.put("initPosterior", initPosterior());
    }
    plugInGuidance().ifPresent(guidance -> shown.put(Provenance.GUIDANCE, guidance.name()));
    return "GenerationRequest" + shown;
  }

  /** Collects settings. Each setter checks its value at once. Not thread-safe. */
  public static final class Builder {
    // Not private: RequestContradictions looks at all settings together.
    final ImmutableList<String> prompts;
    final @Nullable NdArray embeddings;
    final Setting<PromptSyntax> promptSyntax;
    final Setting<ImmutableList<String>> negativePrompts;
    final Setting<NdArray> negativeEmbeddings;
    final SortedMap<Integer, Setting<String>> promptsAt = new TreeMap<>();
    final SortedMap<Integer, Setting<String>> negativePromptsAt = new TreeMap<>();
    final Setting<FrameWindow> window;
    final Setting<Acceleration> acceleration;
    final Setting<ImmutableList<Long>> seeds;
    final Setting<NdArray> latents;
    final Setting<ImmutableList<Video>> initVideos;
    final Setting<NdArray> initLatents;
    final Setting<Double> strength;
    final Setting<Posterior> initPosterior;
    final Map<Integer, Setting<KeyFrame>> keyFrames = new TreeMap<>();
    final Setting<LatentConstraint> constraint;
    final Setting<Integer> steps;
    final Setting<Double> guidanceScale;
    final Setting<Double> guidanceRescale;
    final Setting<Double> guidanceStart;
    final Setting<Double> guidanceStop;
    final Setting<Guidance> guidance;
    final Setting<FreeU> freeU;
    final Setting<Double> temporalAttentionStrength;
    final Setting<Double> temporalConvStrength;
    final Setting<Double> eta;
    final Setting<Integer> frames;
    final Setting<Size> size;
    final Setting<Integer> clipSkip;
    final Setting<Double> framesPerSecond;
    final Setting<PixelRounding> pixelRounding;
    final Setting<Long> watermark;

    record Size(int width, int height) {
      @Override
      public String toString() {
        return width + " x " + height;
      }
    }

    private Builder(ImmutableList<String> prompts, @Nullable NdArray embeddings) {
      this.prompts = prompts;
      this.embeddings = embeddings;
      promptSyntax = new Setting<>("promptSyntax");
      negativePrompts = new Setting<>("negativePrompts");
      negativeEmbeddings = new Setting<>("negativeEmbeddings");
      window = new Setting<>("window");
      acceleration = new Setting<>("acceleration");
      seeds = new Setting<>("seeds");
      latents = new Setting<>("latents");
      initVideos = new Setting<>("initVideos");
      initLatents = new Setting<>("initLatents");
      strength = new Setting<>("strength");
      initPosterior = new Setting<>("initPosterior");
      constraint = new Setting<>("constraint");
      steps = new Setting<>("steps");
      guidanceScale = new Setting<>("guidanceScale");
      guidanceRescale = new Setting<>("guidanceRescale");
      guidanceStart = new Setting<>("guidanceStart");
      guidanceStop = new Setting<>("guidanceStop");
      guidance = new Setting<>("guidance");
      freeU = new Setting<>("freeU");
      temporalAttentionStrength = new Setting<>("temporalAttentionStrength");
      temporalConvStrength = new Setting<>("temporalConvStrength");
      eta = new Setting<>("eta");
      frames = new Setting<>("frames");
      size = new Setting<>("size");
      clipSkip = new Setting<>("clipSkip");
      framesPerSecond = new Setting<>("framesPerSecond");
      pixelRounding = new Setting<>("pixelRounding");
      watermark = new Setting<>("watermark");
    }

    /** Each setting of the other builder may be replaced once. */
    private Builder(Builder other) {
      this(other, other.prompts);
    }

    private Builder(Builder other, ImmutableList<String> prompts) {
      this.prompts = prompts;
      embeddings = other.embeddings;
      promptSyntax = new Setting<>(other.promptSyntax);
      negativePrompts = new Setting<>(other.negativePrompts);
      negativeEmbeddings = new Setting<>(other.negativeEmbeddings);
      other.promptsAt.forEach((frame, text) -> promptsAt.put(frame, new Setting<>(text)));
      other.negativePromptsAt.forEach(
          (frame, text) -> negativePromptsAt.put(frame, new Setting<>(text)));
      window = new Setting<>(other.window);
      acceleration = new Setting<>(other.acceleration);
      seeds = new Setting<>(other.seeds);
      latents = new Setting<>(other.latents);
      initVideos = new Setting<>(other.initVideos);
      initLatents = new Setting<>(other.initLatents);
      strength = new Setting<>(other.strength);
      initPosterior = new Setting<>(other.initPosterior);
      other.keyFrames.forEach((index, key) -> keyFrames.put(index, new Setting<>(key)));
      constraint = new Setting<>(other.constraint);
      steps = new Setting<>(other.steps);
      guidanceScale = new Setting<>(other.guidanceScale);
      guidanceRescale = new Setting<>(other.guidanceRescale);
      guidanceStart = new Setting<>(other.guidanceStart);
      guidanceStop = new Setting<>(other.guidanceStop);
      guidance = new Setting<>(other.guidance);
      freeU = new Setting<>(other.freeU);
      temporalAttentionStrength = new Setting<>(other.temporalAttentionStrength);
      temporalConvStrength = new Setting<>(other.temporalConvStrength);
      eta = new Setting<>(other.eta);
      frames = new Setting<>(other.frames);
      size = new Setting<>(other.size);
      clipSkip = new Setting<>(other.clipSkip);
      framesPerSecond = new Setting<>(other.framesPerSecond);
      pixelRounding = new Setting<>(other.pixelRounding);
      watermark = new Setting<>(other.watermark);
    }

    private static SortedMap<Integer, String> texts(SortedMap<Integer, Setting<String>> settings) {
      ImmutableSortedMap.Builder<Integer, String> texts = ImmutableSortedMap.naturalOrder();
      settings.forEach((frame, text) -> text.get().ifPresent(present -> texts.put(frame, present)));
      return texts.buildOrThrow();
    }

    int videos() {
      return embeddings == null ? prompts.size() : Math.toIntExact(embeddings.shape()[0]);
    }

    /** The first of the videos to start from, which all have one size and one length. */
    Optional<Video> initVideo() {
      return initVideos.get().map(videos -> videos.get(0));
    }

    ImmutableSortedMap<Integer, KeyFrame> setKeyFrames() {
      ImmutableSortedMap.Builder<Integer, KeyFrame> all = ImmutableSortedMap.naturalOrder();
      keyFrames.forEach((index, key) -> key.get().ifPresent(value -> all.put(index, value)));
      return all.buildOrThrow();
    }

    /** A video or an image that the run starts from, whose size is the result's. */
    private Optional<Video> firstFrames() {
      return initVideo()
          .or(() -> setKeyFrames().values().stream().map(KeyFrame::image).findFirst());
    }

    /** As set, or as many as the run starts from. */
    int wantedFrames() {
      return frames
          .get()
          .or(() -> initVideo().map(Video::frameCount))
          .or(() -> initLatents.get().map(given -> Math.toIntExact(given.shape()[2])))
          .orElse(DEFAULT_FRAMES);
    }

    Optional<Size> effectiveSize() {
      return size.get()
          .or(() -> firstFrames().map(video -> new Size(video.width(), video.height())));
    }

    boolean isGuided() {
      return guidance.isSet() || guidanceScale.orElse(DEFAULT_GUIDANCE_SCALE) > 1;
    }

    private Guidance effectiveGuidance() {
      return guidance
          .get()
          .orElseGet(
              () ->
                  new ClassifierFreeGuidance(
                      guidanceScale.orElse(DEFAULT_GUIDANCE_SCALE),
                      guidanceRescale.orElse(0.0),
                      guidanceStart.orElse(0.0),
                      guidanceStop.orElse(1.0)));
    }

    /**
     * Sets how prompts and negative prompts are read. Default {@link PromptSyntax#PLAIN}, where all
     * of a prompt is content, and what does not fit into the text encoder is cut off.
     *
     * @param promptSyntax such as {@link PromptSyntax#A1111}, for weights and long prompts
     * @return this builder
     */
    public Builder promptSyntax(PromptSyntax promptSyntax) {
      this.promptSyntax.set(promptSyntax);
      return this;
    }

    /**
     * Sets what all videos should not show. Default: the empty text. Without guidance it is
     * ignored.
     *
     * @param negativePrompt may be empty
     * @return this builder
     */
    public Builder negativePrompt(String negativePrompt) {
      negativePrompts.set(ImmutableList.of(negativePrompt));
      return this;
    }

    /**
     * Sets what each video should not show.
     *
     * @param negativePrompts one a video
     * @return this builder
     */
    public Builder negativePrompts(List<String> negativePrompts) {
      this.negativePrompts.set(ImmutableList.copyOf(negativePrompts));
      return this;
    }

    /**
     * Sets embeddings in place of negative prompts.
     *
     * @param negativeEmbeddings [videos, tokens, width]
     * @return this builder
     * @throws IllegalArgumentException if the shape has not three dimensions, or a value is not
     *     finite
     */
    public Builder negativeEmbeddings(NdArray negativeEmbeddings) {
      checkEmbeddings("negativeEmbeddings", negativeEmbeddings);
      this.negativeEmbeddings.set(negativeEmbeddings);
      return this;
    }

    /**
     * Lets the prompt change in the course of the video. The request's prompt stands at frame 0;
     * between two key frames the embeddings are blended linearly, and the last prompt holds to the
     * end. For requests of one video.
     *
     * @param frame where this prompt is reached, at least 1 and below the number of frames
     * @param prompt not blank
     * @return this builder
     * @throws IllegalArgumentException if the frame is below 1 or the prompt blank
     */
    public Builder promptAt(int frame, String prompt) {
      checkArgument(!prompt.isBlank(), "promptAt(%s) is blank, expected a sentence", frame);
      setAt(promptsAt, "promptAt", frame, prompt);
      return this;
    }

    /**
     * Lets the negative prompt change in the course of the video, as {@link #promptAt} does for the
     * prompt.
     *
     * @param frame where this negative prompt is reached, at least 1 and below the number of frames
     * @param negativePrompt may be empty
     * @return this builder
     * @throws IllegalArgumentException if the frame is below 1
     */
    public Builder negativePromptAt(int frame, String negativePrompt) {
      setAt(negativePromptsAt, "negativePromptAt", frame, negativePrompt);
      return this;
    }

    private static void setAt(
        SortedMap<Integer, Setting<String>> settings, String name, int frame, String text) {
      checkArgument(
          frame >= 1,
          "%s has the frame %s, expected at least 1: the text without a frame stands at 0",
          name,
          frame);
      settings.computeIfAbsent(frame, absent -> new Setting<>(name + "(" + frame + ")")).set(text);
    }

    /**
     * Computes the video in overlapping windows of frames: for videos that are longer than what the
     * model was trained on, or than memory allows. Default: all frames at once.
     *
     * @param window length and overlap
     * @return this builder
     */
    public Builder window(FrameWindow window) {
      this.window.set(window);
      return this;
    }

    /**
     * Saves time at the price of small changes. Default: {@link Acceleration#none()}.
     *
     * @param acceleration which ways
     * @return this builder
     */
    public Builder acceleration(Acceleration acceleration) {
      this.acceleration.set(acceleration);
      return this;
    }

    /**
     * Sets one seed for all videos: each starts from the same noise, the one that a request for it
     * alone would start from. Default: random, recorded in the result.
     *
     * @param seed any number; the reference's {@code torch.Generator("cpu").manual_seed(seed)}
     * @return this builder
     */
    public Builder seed(long seed) {
      seeds.set(ImmutableList.of(seed));
      return this;
    }

    /**
     * Sets a seed for each video.
     *
     * @param seeds one a video
     * @return this builder
     */
    public Builder seeds(List<Long> seeds) {
      this.seeds.set(ImmutableList.copyOf(seeds));
      return this;
    }

    /**
     * Sets the noise to start from, instead of drawing it.
     *
     * @param latents standard Gaussian noise, [videos, channels, frames, height / f, width / f]
     *     with f the autoencoder's factor, usually 8
     * @return this builder
     * @throws IllegalArgumentException if the shape has not five dimensions, or a value is not
     *     finite
     */
    public Builder latents(NdArray latents) {
      requireLatents("latents", latents);
      this.latents.set(latents);
      return this;
    }

    private static void requireLatents(String name, NdArray latents) {
      checkArgument(
          latents.shape().length == 5,
          "%s are %s, expected [videos, channels, frames, height, width]",
          name,
          latents);
      checkArgument(latents.allFinite(), "%s hold a value that is not finite", name);
    }

    /**
     * Starts from a video, the same for all prompts, instead of from noise: it is encoded, noise is
     * added, and the last part of the steps is made, as {@link #strength} says. Number of frames,
     * size and frame rate are those of the video.
     *
     * @param video whose width and height are multiples of the autoencoder's factor, usually 8;
     *     {@link FrameResize} makes them so
     * @return this builder
     */
    public Builder initVideo(Video video) {
      return initVideos(List.of(video));
    }

    /**
     * Starts each video from one of its own; see {@link #initVideo}.
     *
     * @param videos one a prompt, of one size and one number of frames
     * @return this builder
     * @throws IllegalArgumentException if there is none
     */
    public Builder initVideos(List<Video> videos) {
      checkArgument(!videos.isEmpty(), "initVideos is empty, expected one video, or one a prompt");
      initVideos.set(ImmutableList.copyOf(videos));
      return this;
    }

    /**
     * Starts from latents, as {@link Generation#toLatents} returns them, in place of a video.
     *
     * @param latents clean, and scaled for the denoiser: [videos, channels, frames, height / f,
     *     width / f] with f the autoencoder's factor, usually 8
     * @return this builder
     * @throws IllegalArgumentException if the shape has not five dimensions, or a value is not
     *     finite
     */
    public Builder initLatents(NdArray latents) {
      requireLatents("initLatents", latents);
      initLatents.set(latents);
      return this;
    }

    /**
     * Sets how far the result may go from the video that it starts from: the share of the steps
     * that are made. Default 0.6. With 1 all steps are made, and a trace of the video is left. If
     * no step remains, as with 0, the result is the video, encoded and decoded.
     *
     * @param strength 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     */
    public Builder strength(double strength) {
      checkArgument(strength >= 0 && strength <= 1, "strength is %s, expected 0 to 1", strength);
      this.strength.set(strength);
      return this;
    }

    /**
     * Starts from an image: holds the first frame at it, and leaves the others free.
     *
     * @param image opaque, of the video's size
     * @return this builder
     * @throws IllegalArgumentException if a pixel is transparent
     * @see #keyFrame(int, BufferedImage, double)
     */
    public Builder initImage(BufferedImage image) {
      return keyFrame(0, image);
    }

    /**
     * Starts from an image: holds the first frames at it, each by its weight. With rising weights,
     * such as 0, 0.25, 0.5, 0.75, the video leaves the image gradually.
     *
     * @param image opaque, of the video's size
     * @param weights of the first frames, 0 to 1; see {@link #keyFrame(int, BufferedImage, double)}
     * @return this builder
     * @throws IllegalArgumentException if a pixel is transparent, a weight is out of range, or
     *     there is none
     */
    public Builder initImage(BufferedImage image, List<Double> weights) {
      checkArgument(!weights.isEmpty(), "weights is empty, expected one for each held frame");
      Video copy = Frames.ofImage(image);
      for (int i = 0; i < weights.size(); i++) {
        setKeyFrame(i, copy, weights.get(i), Optional.empty());
      }
      return this;
    }

    /**
     * Holds a frame at an image to the end of the run. Several key frames, such as the first and
     * the last, are joined by what is generated between them.
     *
     * @param index of the frame, from 0
     * @param image opaque, of the video's size
     * @return this builder
     * @throws IllegalArgumentException if the index is negative, or a pixel is transparent
     */
    public Builder keyFrame(int index, BufferedImage image) {
      return keyFrame(index, image, 0);
    }

    /**
     * Holds a frame at an image for a part of the run: after each step, while at least the share
     * {@code weight} of the steps is still to come, the frame's latents are replaced by the
     * image's, with noise of the frame's own seed. So weight 0 gives the image itself, encoded and
     * decoded; 1 leaves the frame free; and between, it may go the further from the image the
     * larger the weight is.
     *
     * @param index of the frame, from 0
     * @param image opaque, of the video's size
     * @param weight 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if the index is negative, the weight out of range, or a
     *     pixel is transparent
     */
    public Builder keyFrame(int index, BufferedImage image, double weight) {
      setKeyFrame(index, Frames.ofImage(image), weight, Optional.empty());
      return this;
    }

    /**
     * Holds a part of a frame at an image, and leaves the rest of the frame free: inpainting. The
     * mask is the reference's, white where something new is painted. A cell of the latents, 8 by 8
     * pixels for the published model, is free if it is nearer to white than to black on average.
     *
     * @param index of the frame, from 0
     * @param image opaque, of the video's size
     * @param weight 0 to 1, of the part that is held; see {@link #keyFrame(int, BufferedImage,
     *     double)}
     * @param mask opaque, of the image's size: black where the frame is held, white where it is
     *     free
     * @return this builder
     * @throws IllegalArgumentException if the index is negative, the weight out of range, a pixel
     *     is transparent, or image and mask differ in size
     */
    public Builder keyFrame(int index, BufferedImage image, double weight, BufferedImage mask) {
      checkArgument(
          mask.getWidth() == image.getWidth() && mask.getHeight() == image.getHeight(),
          "the mask of key frame %s is %s × %s, expected %s × %s as its image",
          index,
          mask.getWidth(),
          mask.getHeight(),
          image.getWidth(),
          image.getHeight());
      setKeyFrame(index, Frames.ofImage(image), weight, Optional.of(FreeArea.of(mask)));
      return this;
    }

    private void setKeyFrame(int index, Video image, double weight, Optional<FreeArea> mask) {
      checkArgument(index >= 0, "the index of a key frame is %s, expected at least 0", index);
      checkArgument(
          weight >= 0 && weight <= 1, "the weight of a key frame is %s, expected 0 to 1", weight);
      keyFrames
          .computeIfAbsent(index, key -> new Setting<>("keyFrame " + key))
          .set(new KeyFrame(image, weight, mask));
    }

    /**
     * Plugs in what changes the latents between steps. Key frames are held after it.
     *
     * @param constraint which may serve other requests as well
     * @return this builder
     */
    public Builder constraint(LatentConstraint constraint) {
      this.constraint.set(constraint);
      return this;
    }

    /**
     * Sets which latents of the encoder's distribution stand for a frame. Default {@link
     * Posterior#SAMPLED}.
     *
     * @param posterior the choice
     * @return this builder
     */
    public Builder initPosterior(Posterior posterior) {
      initPosterior.set(posterior);
      return this;
    }

    /**
     * Sets the number of denoising steps. Default 50; 25 are enough for DPM-Solver++.
     *
     * @param steps at least 1; at most the scheduler's training timesteps, usually 1000
     * @return this builder
     * @throws IllegalArgumentException if steps is below 1
     */
    public Builder steps(int steps) {
      checkArgument(steps >= 1, "steps is %s, expected at least 1", steps);
      this.steps.set(steps);
      return this;
    }

    /**
     * Sets how strongly the video is pushed towards the prompt. Default 9. At 1 and below guidance
     * is off, and a step costs half.
     *
     * <p>A distilled model with {@code time_cond_proj_dim} takes the scale as an input. Its steps
     * cost half at any scale, and it has no negative prompt.
     *
     * @param guidanceScale finite
     * @return this builder
     * @throws IllegalArgumentException if it is not finite
     */
    public Builder guidanceScale(double guidanceScale) {
      ClassifierFreeGuidance.checkScale(guidanceScale);
      this.guidanceScale.set(guidanceScale);
      return this;
    }

    /**
     * Brings the standard deviation of guided predictions back towards that of the prediction for
     * the prompt, video by video: a remedy for burnt colors at high guidance scales. Default 0,
     * none; its authors recommend 0.7.
     *
     * @param guidanceRescale 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     * @see ClassifierFreeGuidance#rescale()
     */
    public Builder guidanceRescale(double guidanceRescale) {
      ClassifierFreeGuidance.checkShare("guidanceRescale", guidanceRescale);
      this.guidanceRescale.set(guidanceRescale);
      return this;
    }

    /**
     * Sets where in the run guidance starts. Default 0, with the first step. Steps without guidance
     * cost half.
     *
     * @param guidanceStart share of the steps, 0 to 1, below {@code guidanceStop}
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     */
    public Builder guidanceStart(double guidanceStart) {
      ClassifierFreeGuidance.checkShare("guidanceStart", guidanceStart);
      this.guidanceStart.set(guidanceStart);
      return this;
    }

    /**
     * Sets where in the run guidance stops. Default 1, with the last step. Steps without guidance
     * cost half.
     *
     * @param guidanceStop share of the steps, 0 to 1, above {@code guidanceStart}
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     */
    public Builder guidanceStop(double guidanceStop) {
      ClassifierFreeGuidance.checkShare("guidanceStop", guidanceStop);
      this.guidanceStop.set(guidanceStop);
      return this;
    }

    /**
     * Plugs in a guidance of one's own, in place of classifier-free guidance with its scale,
     * rescale, start and stop. Negative prompts are handed to it.
     *
     * @param guidance which may serve other requests as well
     * @return this builder
     */
    public Builder guidance(Guidance guidance) {
      this.guidance.set(guidance);
      return this;
    }

    /**
     * Turns FreeU on: cleaner textures and steadier motion, for next to no time. Default: off.
     *
     * @param freeU {@link FreeU#recommended()}, or values of one's own
     * @return this builder
     */
    public Builder freeU(FreeU freeU) {
      this.freeU.set(freeU);
      return this;
    }

    /**
     * Sets the strength of the layers that attend from frame to frame. Default 1, the model itself.
     * Below 1 frames look less alike; at 0 these layers are skipped.
     *
     * @param strength finite, at least 0; above 1 exaggerates
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     * @see UnetAdjustments
     */
    public Builder temporalAttentionStrength(double strength) {
      UnetAdjustments.checkStrength("temporalAttentionStrength", strength);
      temporalAttentionStrength.set(strength);
      return this;
    }

    /**
     * Sets the strength of the convolutions along frames, which alone know the order of frames.
     * Default 1, the model itself. Below 1 motion is calmer; at 0 these layers are skipped.
     *
     * @param strength finite, at least 0; above 1 exaggerates
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     * @see UnetAdjustments
     */
    public Builder temporalConvStrength(double strength) {
      UnetAdjustments.checkStrength("temporalConvStrength", strength);
      temporalConvStrength.set(strength);
      return this;
    }

    /**
     * Sets the share of fresh noise in each DDIM step; other schedulers ignore it. Default 0.
     *
     * @param eta 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     */
    public Builder eta(double eta) {
      checkArgument(eta >= 0 && eta <= 1, "eta is %s, expected 0 to 1", eta);
      this.eta.set(eta);
      return this;
    }

    /**
     * Sets the number of frames. Default: that of the video to start from, or else 16, which
     * ModelScope's model was trained on.
     *
     * @param frames at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder frames(int frames) {
      checkArgument(frames >= 1, "frames is %s, expected at least 1", frames);
      this.frames.set(frames);
      return this;
    }

    /**
     * Sets the size. Default: that of the video to start from, or else the size that the checkpoint
     * was trained on.
     *
     * @param width in pixels, a multiple of the autoencoder's factor, usually 8
     * @param height in pixels, likewise
     * @return this builder
     * @throws IllegalArgumentException if one is below 1
     */
    public Builder size(int width, int height) {
      checkArgument(width >= 1, "width is %s, expected at least 1", width);
      checkArgument(height >= 1, "height is %s, expected at least 1", height);
      size.set(new Size(width, height));
      return this;
    }

    /**
     * Sets several settings by their names in {@link GenerationRequest#toProperties}, such as
     * {@code window}, for example as they were read from a file.
     *
     * @param properties all but {@code prompts} and {@code embeddings}; numbers may be of any type
     * @return this builder
     * @throws IllegalArgumentException if a name is unknown, or a value is of another type or out
     *     of range; the message names it
     * @throws IllegalStateException if one of them was already set
     */
    public Builder properties(Map<String, ?> properties) {
      RequestProperties.apply(properties, this);
      return this;
    }

    /**
     * Skips the last layers of the text encoder for the prompt, not for the negative prompt, as the
     * reference does. Default 0.
     *
     * @param clipSkip at least 0, at most the number of layers
     * @return this builder
     * @throws IllegalArgumentException if it is below 0
     */
    public Builder clipSkip(int clipSkip) {
      checkArgument(clipSkip >= 0, "clipSkip is %s, expected at least 0", clipSkip);
      this.clipSkip.set(clipSkip);
      return this;
    }

    /**
     * Sets the frame rate at which the video is to be shown. Default: that of the video to start
     * from, or else 8. It changes nothing in what is computed.
     *
     * @param framesPerSecond finite and above 0
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder framesPerSecond(double framesPerSecond) {
      Video.checkFrameRate(framesPerSecond);
      this.framesPerSecond.set(framesPerSecond);
      return this;
    }

    /**
     * Sets how decoded numbers become bytes. Default {@link PixelRounding#NEAREST}.
     *
     * @param pixelRounding the rounding
     * @return this builder
     */
    public Builder pixelRounding(PixelRounding pixelRounding) {
      this.pixelRounding.set(pixelRounding);
      return this;
    }

    /**
     * Marks all frames with an invisible payload, which {@link Watermark#read} finds again after
     * compression and scaling. Default: no mark. Latents and previews have none.
     *
     * @param payload any 64 bits, such as a number under which the service records who asked for
     *     the video
     * @return this builder
     * @see Watermark
     */
    public Builder watermark(long payload) {
      watermark.set(payload);
      return this;
    }

    /**
     * Makes the request. The builder can be used again.
     *
     * @return the request
     * @throws IllegalStateException if settings contradict each other; the message names them all
     */
    public GenerationRequest build() {
      List<String> problems = RequestContradictions.of(this);
      checkState(
          problems.isEmpty(), "the request contradicts itself: %s", String.join("; ", problems));
      return new GenerationRequest(new Builder(this));
    }
  }
}
