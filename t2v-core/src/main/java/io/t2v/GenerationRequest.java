package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.text.PromptSyntax;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
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
    return settings.frames.orElse(DEFAULT_FRAMES);
  }

  /**
   * Returns the width.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt width() {
    return settings.size.get().stream().mapToInt(Builder.Size::width).findFirst();
  }

  /**
   * Returns the height.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt height() {
    return settings.size.get().stream().mapToInt(Builder.Size::height).findFirst();
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
    return settings.framesPerSecond.orElse(DEFAULT_FRAMES_PER_SECOND);
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
   * Returns this request as plain values, which any format can carry: strings, numbers, lists and
   * maps. {@link #fromProperties} makes an equal request of them.
   *
   * @return settings by name, those that differ from the default alone
   * @throws IllegalStateException if a guidance was plugged in, which is an object of the host
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
        seeds(),
        latents(),
        steps(),
        guidance(),
        eta(),
        frames(),
        width(),
        height(),
        clipSkip(),
        framesPerSecond(),
        pixelRounding());
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
    Map<String, Object> shown = new LinkedHashMap<>(RequestProperties.ofAllButGuidance(this));
    plugInGuidance().ifPresent(guidance -> shown.put(Provenance.GUIDANCE, guidance.name()));
    return "GenerationRequest" + shown;
  }

  /** Collects settings. Each setter checks its value at once. Not thread-safe. */
  public static final class Builder {
    private final ImmutableList<String> prompts;
    private final @Nullable NdArray embeddings;
    private final Setting<PromptSyntax> promptSyntax;
    private final Setting<ImmutableList<String>> negativePrompts;
    private final Setting<NdArray> negativeEmbeddings;
    private final Setting<ImmutableList<Long>> seeds;
    private final Setting<NdArray> latents;
    private final Setting<Integer> steps;
    private final Setting<Double> guidanceScale;
    private final Setting<Double> guidanceRescale;
    private final Setting<Double> guidanceStart;
    private final Setting<Double> guidanceStop;
    private final Setting<Guidance> guidance;
    private final Setting<Double> eta;
    private final Setting<Integer> frames;
    private final Setting<Size> size;
    private final Setting<Integer> clipSkip;
    private final Setting<Double> framesPerSecond;
    private final Setting<PixelRounding> pixelRounding;

    private record Size(int width, int height) {
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
      seeds = new Setting<>("seeds");
      latents = new Setting<>("latents");
      steps = new Setting<>("steps");
      guidanceScale = new Setting<>("guidanceScale");
      guidanceRescale = new Setting<>("guidanceRescale");
      guidanceStart = new Setting<>("guidanceStart");
      guidanceStop = new Setting<>("guidanceStop");
      guidance = new Setting<>("guidance");
      eta = new Setting<>("eta");
      frames = new Setting<>("frames");
      size = new Setting<>("size");
      clipSkip = new Setting<>("clipSkip");
      framesPerSecond = new Setting<>("framesPerSecond");
      pixelRounding = new Setting<>("pixelRounding");
    }

    /** Each setting of the other builder may be replaced once. */
    private Builder(Builder other) {
      prompts = other.prompts;
      embeddings = other.embeddings;
      promptSyntax = new Setting<>(other.promptSyntax);
      negativePrompts = new Setting<>(other.negativePrompts);
      negativeEmbeddings = new Setting<>(other.negativeEmbeddings);
      seeds = new Setting<>(other.seeds);
      latents = new Setting<>(other.latents);
      steps = new Setting<>(other.steps);
      guidanceScale = new Setting<>(other.guidanceScale);
      guidanceRescale = new Setting<>(other.guidanceRescale);
      guidanceStart = new Setting<>(other.guidanceStart);
      guidanceStop = new Setting<>(other.guidanceStop);
      guidance = new Setting<>(other.guidance);
      eta = new Setting<>(other.eta);
      frames = new Setting<>(other.frames);
      size = new Setting<>(other.size);
      clipSkip = new Setting<>(other.clipSkip);
      framesPerSecond = new Setting<>(other.framesPerSecond);
      pixelRounding = new Setting<>(other.pixelRounding);
    }

    private int videos() {
      return embeddings == null ? prompts.size() : Math.toIntExact(embeddings.shape()[0]);
    }

    private boolean isGuided() {
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
      checkArgument(
          latents.shape().length == 5,
          "latents are %s, expected [videos, channels, frames, height, width]",
          latents);
      checkArgument(latents.allFinite(), "latents hold a value that is not finite");
      this.latents.set(latents);
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
     * Sets the number of frames. Default 16, which ModelScope's model was trained on.
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
     * Sets the size. Default: the size that the checkpoint was trained on.
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
     * Sets the frame rate at which the video is to be shown. Default 8. It changes nothing in what
     * is computed.
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
     * Makes the request. The builder can be used again.
     *
     * @return the request
     * @throws IllegalStateException if settings contradict each other; the message names them all
     */
    public GenerationRequest build() {
      List<String> problems = new ArrayList<>();
      requireOneOrEach(problems, "negativePrompts", negativePrompts);
      requireOneOrEach(problems, "seeds", seeds);
      exclude(problems, negativeEmbeddings, negativePrompts);
      checkPromptSyntax(problems);
      exclude(problems, guidance, guidanceScale, guidanceRescale, guidanceStart, guidanceStop);
      if (guidanceStart.orElse(0.0) >= guidanceStop.orElse(1.0)) {
        problems.add(
            "guidanceStart is "
                + guidanceStart.orElse(0.0)
                + ", expected less than guidanceStop, "
                + guidanceStop.orElse(1.0));
      }
      negativeEmbeddings.get().ifPresent(negative -> checkNegative(problems, negative));
      latents.get().ifPresent(given -> checkLatents(problems, given));
      checkState(
          problems.isEmpty(), "the request contradicts itself: %s", String.join("; ", problems));
      return new GenerationRequest(new Builder(this));
    }

    private void checkPromptSyntax(List<String> problems) {
      PromptSyntax syntax = promptSyntax.orElse(PromptSyntax.PLAIN);
      if (syntax == PromptSyntax.PLAIN) {
        return;
      }
      if (embeddings != null || negativeEmbeddings.isSet()) {
        problems.add(promptSyntax + " is set together with embeddings: expected prompts");
      }
      Stream.of(prompts, negativePrompts.orElse(ImmutableList.of()))
          .flatMap(List::stream)
          .forEach(
              prompt -> {
                try {
                  syntax.check(prompt);
                } catch (IllegalArgumentException e) {
                  problems.add(e.getMessage());
                }
              });
    }

    private static void exclude(List<String> problems, Setting<?> one, Setting<?>... others) {
      for (Setting<?> other : others) {
        if (one.isSet() && other.isSet()) {
          problems.add(other + " is set together with " + one + ": expected one of them");
        }
      }
    }

    private void requireOneOrEach(
        List<String> problems, String name, Setting<? extends List<?>> setting) {
      int count = setting.get().map(List::size).orElse(0);
      if (count > 1 && count != videos()) {
        problems.add(name + " has " + count + " entries, expected 1 or " + videos());
      }
    }

    private void checkNegative(List<String> problems, NdArray negative) {
      if (embeddings == null) {
        if (negative.shape()[0] != videos()) {
          problems.add(
              "negativeEmbeddings are " + negative + ", expected " + videos() + " entries");
        }
      } else if (isGuided() && !negative.hasShape(embeddings.shape())) {
        problems.add(
            "negativeEmbeddings are "
                + negative
                + ", expected the shape of embeddings, "
                + embeddings);
      }
    }

    private void checkLatents(List<String> problems, NdArray given) {
      int wanted = frames.orElse(DEFAULT_FRAMES);
      if (given.shape()[0] != videos() || given.shape()[2] != wanted) {
        problems.add(
            "latents are "
                + given
                + ", expected ["
                + videos()
                + ", channels, "
                + wanted
                + ", height, width]");
      }
    }
  }
}
