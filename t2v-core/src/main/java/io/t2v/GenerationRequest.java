package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
    return settings.negativePrompts;
  }

  /**
   * Returns the embeddings given in place of negative prompts.
   *
   * @return [videos, tokens, width]
   */
  public Optional<NdArray> negativeEmbeddings() {
    return Optional.ofNullable(settings.negativeEmbeddings);
  }

  /**
   * Returns the seeds.
   *
   * @return one for all videos, or one a video; empty for random ones
   */
  public List<Long> seeds() {
    return settings.seeds;
  }

  /**
   * Returns the noise given instead of drawn.
   *
   * @return [videos, channels, frames, latent height, latent width]
   */
  public Optional<NdArray> latents() {
    return Optional.ofNullable(settings.latents);
  }

  /**
   * Returns the number of denoising steps.
   *
   * @return at least 1
   */
  public int steps() {
    return settings.steps;
  }

  /**
   * Returns the guidance scale.
   *
   * @return finite; guidance is off at 1 and below. Without meaning where a guidance was plugged in
   */
  public double guidanceScale() {
    return settings.guidanceScale;
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
    return settings.eta;
  }

  /**
   * Returns the number of frames of a video.
   *
   * @return at least 1
   */
  public int frames() {
    return settings.frames;
  }

  /**
   * Returns the width.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt width() {
    return settings.width == 0 ? OptionalInt.empty() : OptionalInt.of(settings.width);
  }

  /**
   * Returns the height.
   *
   * @return pixels; empty for the checkpoint's own
   */
  public OptionalInt height() {
    return settings.height == 0 ? OptionalInt.empty() : OptionalInt.of(settings.height);
  }

  /**
   * Returns the number of the text encoder's last layers that are skipped.
   *
   * @return at least 0
   */
  public int clipSkip() {
    return settings.clipSkip;
  }

  /**
   * Returns the frame rate of the video.
   *
   * @return frames per second, above 0
   */
  public double framesPerSecond() {
    return settings.framesPerSecond;
  }

  /**
   * Returns how decoded numbers become bytes.
   *
   * @return the rounding
   */
  public PixelRounding pixelRounding() {
    return settings.pixelRounding;
  }

  /** Collects settings. Each setter checks its value at once. Not thread-safe. */
  public static final class Builder {
    private final ImmutableList<String> prompts;
    private final @Nullable NdArray embeddings;
    private ImmutableList<String> negativePrompts = ImmutableList.of();
    private @Nullable NdArray negativeEmbeddings;
    private ImmutableList<Long> seeds = ImmutableList.of();
    private @Nullable NdArray latents;
    private int steps = DEFAULT_STEPS;
    private double guidanceScale = DEFAULT_GUIDANCE_SCALE;
    private double guidanceRescale;
    private double guidanceStart;
    private double guidanceStop = 1;
    private @Nullable Guidance guidance;
    private double eta;
    private int frames = DEFAULT_FRAMES;
    private int width;
    private int height;
    private int clipSkip;
    private double framesPerSecond = DEFAULT_FRAMES_PER_SECOND;
    private PixelRounding pixelRounding = PixelRounding.NEAREST;

    private Builder(ImmutableList<String> prompts, @Nullable NdArray embeddings) {
      this.prompts = prompts;
      this.embeddings = embeddings;
    }

    private Builder(Builder other) {
      this(other.prompts, other.embeddings);
      negativePrompts = other.negativePrompts;
      negativeEmbeddings = other.negativeEmbeddings;
      seeds = other.seeds;
      latents = other.latents;
      steps = other.steps;
      guidanceScale = other.guidanceScale;
      guidanceRescale = other.guidanceRescale;
      guidanceStart = other.guidanceStart;
      guidanceStop = other.guidanceStop;
      guidance = other.guidance;
      eta = other.eta;
      frames = other.frames;
      width = other.width;
      height = other.height;
      clipSkip = other.clipSkip;
      framesPerSecond = other.framesPerSecond;
      pixelRounding = other.pixelRounding;
    }

    private boolean isGuided() {
      return guidance != null || guidanceScale > 1;
    }

    private Guidance effectiveGuidance() {
      return guidance == null
          ? new ClassifierFreeGuidance(guidanceScale, guidanceRescale, guidanceStart, guidanceStop)
          : guidance;
    }

    private int videos() {
      return embeddings == null ? prompts.size() : Math.toIntExact(embeddings.shape()[0]);
    }

    /**
     * Sets what all videos should not show. Default: the empty text. Without guidance it is
     * ignored.
     *
     * @param negativePrompt may be empty
     * @return this builder
     */
    public Builder negativePrompt(String negativePrompt) {
      negativePrompts = ImmutableList.of(negativePrompt);
      return this;
    }

    /**
     * Sets what each video should not show.
     *
     * @param negativePrompts one a video
     * @return this builder
     */
    public Builder negativePrompts(List<String> negativePrompts) {
      this.negativePrompts = ImmutableList.copyOf(negativePrompts);
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
      this.negativeEmbeddings = negativeEmbeddings;
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
      seeds = ImmutableList.of(seed);
      return this;
    }

    /**
     * Sets a seed for each video.
     *
     * @param seeds one a video
     * @return this builder
     */
    public Builder seeds(List<Long> seeds) {
      this.seeds = ImmutableList.copyOf(seeds);
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
      this.latents = latents;
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
      this.steps = steps;
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
      this.guidanceScale = guidanceScale;
      return this;
    }

    /**
     * Brings the standard deviation of guided predictions back towards that of the prediction for
     * the prompt, video by video: a remedy for burnt colours at high guidance scales. Default 0,
     * none; its authors recommend 0.7.
     *
     * @param guidanceRescale 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is outside this range
     * @see ClassifierFreeGuidance#rescale()
     */
    public Builder guidanceRescale(double guidanceRescale) {
      ClassifierFreeGuidance.checkShare("guidanceRescale", guidanceRescale);
      this.guidanceRescale = guidanceRescale;
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
      this.guidanceStart = guidanceStart;
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
      this.guidanceStop = guidanceStop;
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
      this.guidance = guidance;
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
      this.eta = eta;
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
      this.frames = frames;
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
      this.width = width;
      this.height = height;
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
      this.clipSkip = clipSkip;
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
      this.framesPerSecond = framesPerSecond;
      return this;
    }

    /**
     * Sets how decoded numbers become bytes. Default {@link PixelRounding#NEAREST}.
     *
     * @param pixelRounding the rounding
     * @return this builder
     */
    public Builder pixelRounding(PixelRounding pixelRounding) {
      this.pixelRounding = pixelRounding;
      return this;
    }

    /**
     * Makes the request. The builder can be used again.
     *
     * @return the request
     * @throws IllegalStateException if settings contradict each other; the message names them all
     */
    public GenerationRequest build() {
      ImmutableList.Builder<String> problems = ImmutableList.builder();
      requireOneOrEach(problems, "negativePrompts", negativePrompts.size());
      requireOneOrEach(problems, "seeds", seeds.size());
      if (!negativePrompts.isEmpty() && negativeEmbeddings != null) {
        problems.add("negativePrompt and negativeEmbeddings exclude each other");
      }
      if (guidanceStart >= guidanceStop) {
        problems.add(
            "guidanceStart is "
                + guidanceStart
                + ", expected less than guidanceStop, "
                + guidanceStop);
      }
      if (guidance != null && !hasDefaultGuidance()) {
        problems.add(
            "guidance excludes guidanceScale, guidanceRescale, guidanceStart and guidanceStop");
      }
      if (embeddings != null && isGuided()) {
        checkNegativeOfEmbeddings(problems, embeddings);
      }
      if (embeddings == null
          && negativeEmbeddings != null
          && negativeEmbeddings.shape()[0] != videos()) {
        problems.add(
            "negativeEmbeddings are " + negativeEmbeddings + ", expected " + videos() + " entries");
      }
      if (latents != null && (latents.shape()[0] != videos() || latents.shape()[2] != frames)) {
        problems.add(
            "latents are "
                + latents
                + ", expected ["
                + videos()
                + ", channels, "
                + frames
                + ", height, width]");
      }
      ImmutableList<String> all = problems.build();
      checkState(all.isEmpty(), "the request contradicts itself: %s", String.join("; ", all));
      return new GenerationRequest(new Builder(this));
    }

    private boolean hasDefaultGuidance() {
      return guidanceScale == DEFAULT_GUIDANCE_SCALE
          && guidanceRescale == 0
          && guidanceStart == 0
          && guidanceStop == 1;
    }

    private void checkNegativeOfEmbeddings(
        ImmutableList.Builder<String> problems, NdArray positive) {
      if (negativeEmbeddings == null) {
        return;
      }
      if (!negativeEmbeddings.hasShape(positive.shape())) {
        problems.add(
            "negativeEmbeddings are "
                + negativeEmbeddings
                + ", expected the shape of embeddings, "
                + positive);
      }
    }

    private void requireOneOrEach(ImmutableList.Builder<String> problems, String name, int count) {
      if (count > 1 && count != videos()) {
        problems.add(name + " has " + count + " entries, expected 1 or " + videos());
      }
    }
  }
}
