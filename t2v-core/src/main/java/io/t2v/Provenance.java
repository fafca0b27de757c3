package io.t2v;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a video came about: enough to make it again, and to know how long it took.
 *
 * <p>Everything is kept as properties in a fixed order, so that it can be shown, stored in a file
 * or compared as a whole; the common ones have accessors. Immutable.
 *
 * @param properties name to value; values are strings, booleans, numbers, or lists and maps of
 *     them. The names that the pipeline writes are the constants of this class
 * @param timings wall-clock time of each phase, in the order in which they ran, and {@link
 *     #GUIDANCE_AND_SCHEDULER}
 */
public record Provenance(Map<String, Object> properties, Map<String, Duration> timings) {
  /** The prompt, a string; absent when embeddings were given. */
  public static final String PROMPT = "prompt";

  /**
   * Name of the {@link io.t2v.text.PromptSyntax} of prompt and negative prompt, a string; absent
   * for {@link io.t2v.text.PromptSyntax#PLAIN}.
   */
  public static final String PROMPT_SYNTAX = "promptSyntax";

  /** The negative prompt, a string; absent without guidance or when embeddings were given. */
  public static final String NEGATIVE_PROMPT = "negativePrompt";

  /**
   * The part of the prompt that did not fit into the text encoder, a string; of several key frames
   * one a line.
   */
  public static final String TRUNCATED_TEXT = "truncatedText";

  /** The seed, a long; absent when latents were given and nothing else was drawn. */
  public static final String SEED = "seed";

  /** Prompts of later key frames, a map from the frame, as a string, to the text. */
  public static final String PROMPT_AT = "promptAt";

  /** Negative prompts of later key frames, likewise. */
  public static final String NEGATIVE_PROMPT_AT = "negativePromptAt";

  /** Settings of the {@link FrameWindow}, a map; absent if the video was computed as a whole. */
  public static final String WINDOW = "window";

  /** Settings of the {@link Acceleration}, a map; absent if everything was computed. */
  public static final String ACCELERATION = "acceleration";

  /** Number of denoising steps, an integer. */
  public static final String STEPS = "steps";

  /** Guidance scale, a double; absent, like its companions, where a guidance was plugged in. */
  public static final String GUIDANCE_SCALE = "guidanceScale";

  /** How far guidance was brought back to the prompt's standard deviation, a double. */
  public static final String GUIDANCE_RESCALE = "guidanceRescale";

  /** Share of the run before which there was no guidance, a double. */
  public static final String GUIDANCE_START = "guidanceStart";

  /** Share of the run after which there was no guidance, a double. */
  public static final String GUIDANCE_STOP = "guidanceStop";

  /** Name of the guidance that was plugged in, a string; absent for the library's own. */
  public static final String GUIDANCE = "guidance";

  /** Settings of the guidance that was plugged in, a map. */
  public static final String GUIDANCE_CONFIG = "guidanceConfig";

  /** Factors of {@link io.t2v.unet.FreeU}, a map of b1, b2, s1 and s2; absent if it was off. */
  public static final String FREE_U = "freeU";

  /** Strength of the attention from frame to frame, a double; absent for 1, the model itself. */
  public static final String TEMPORAL_ATTENTION_STRENGTH = "temporalAttentionStrength";

  /** Strength of the convolutions along frames, a double; absent for 1, the model itself. */
  public static final String TEMPORAL_CONV_STRENGTH = "temporalConvStrength";

  /** DDIM's eta, a double. */
  public static final String ETA = "eta";

  /** Layers of the text encoder that were skipped, an integer. */
  public static final String CLIP_SKIP = "clipSkip";

  /** SHA-256 of the frames that the run started from, as packed RGB; a string in hexadecimal. */
  public static final String INIT_VIDEO = "initVideo";

  /** SHA-256 of the latents that the run started from, as little-endian float32; a string. */
  public static final String INIT_LATENTS = "initLatents";

  /** Share of the steps that were made from a video or its latents, a double. */
  public static final String STRENGTH = "strength";

  /** Name of the {@link Posterior}, a string; absent for {@link Posterior#SAMPLED}. */
  public static final String INIT_POSTERIOR = "initPosterior";

  /**
   * The key frames, a list of maps: {@code frame}, its index; {@code weight}; {@code image}, the
   * SHA-256 of the image as packed RGB; and {@code mask}, that of its mask, if it has one.
   */
  public static final String KEY_FRAMES = "keyFrames";

  /** Name of the constraint on latents that was plugged in, a string. */
  public static final String CONSTRAINT = "constraint";

  /** Settings of the constraint that was plugged in, a map. */
  public static final String CONSTRAINT_CONFIG = "constraintConfig";

  /** Name of the {@link PixelRounding}, a string; absent for {@link PixelRounding#NEAREST}. */
  public static final String PIXEL_ROUNDING = "pixelRounding";

  /**
   * Payload of the {@link Watermark}, a string of 16 hexadecimal digits; absent for frames without
   * one.
   */
  public static final String WATERMARK = "watermark";

  /** Name of the scheduler, a string. */
  public static final String SCHEDULER = "scheduler";

  /** Configuration of the scheduler, a map. */
  public static final String SCHEDULER_CONFIG = "schedulerConfig";

  /** Where the weights came from, a string. */
  public static final String CHECKPOINT = "checkpoint";

  /** Which of the checkpoint's weights were taken, a string; absent for the plain ones. */
  public static final String VARIANT = "variant";

  /** Where the autoencoder came from, a string; absent if from the checkpoint. */
  public static final String VAE_SOURCE = "vaeFrom";

  /** Where the UNet's weights came from, a string; absent if from the checkpoint. */
  public static final String UNET_WEIGHTS = "unetWeights";

  /**
   * Files of learned words, a list of maps: {@code file}, a string, and {@code sha256} of it, a
   * string in hexadecimal. Absent if there are none.
   */
  public static final String LEARNED_WORDS = "learnedWords";

  /**
   * The adapters, a list of maps: {@code file}, a string; {@code sha256} of it, a string in
   * hexadecimal; {@code scale}, {@code spatialScale} and {@code temporalScale}, doubles. Absent if
   * there are none.
   */
  public static final String ADAPTERS = "adapters";

  /** Dtype of the computation, a string such as {@code float32}. */
  public static final String DTYPE = "dtype";

  /**
   * Why this dtype was chosen, a string; absent unless {@link io.t2v.device.Precision#AUTO} chose
   * it.
   */
  public static final String DTYPE_REASON = "dtypeReason";

  /** Device of the computation, a string such as {@code cpu}. */
  public static final String DEVICE = "device";

  /**
   * Names of {@link io.t2v.device.GpuOptimization}s, a list of strings such as {@code
   * batched-decoding}. Absent if none was in use.
   */
  public static final String GPU_OPTIMIZATIONS = "gpuOptimizations";

  /** Versions of this library and of what it computes on, a map from name to version. */
  public static final String VERSIONS = "versions";

  /**
   * Among the timings: the part of {@code denoise} that was not spent in the network but on
   * guidance and the scheduler.
   */
  public static final String GUIDANCE_AND_SCHEDULER = "guidance_and_scheduler";

  /**
   * Copies the properties and timings, keeping their order.
   *
   * @param properties name to value
   * @param timings phase to time
   */
  public Provenance {
    properties = ImmutableMap.copyOf(properties);
    timings = ImmutableMap.copyOf(timings);
  }

  /**
   * Returns the provenance of frames about which nothing is known.
   *
   * @return without properties and timings
   */
  public static Provenance unknown() {
    return new Provenance(Map.of(), Map.of());
  }

  /**
   * Returns the prompt.
   *
   * @return empty when embeddings were given, or nothing is known
   */
  public Optional<String> prompt() {
    return Optional.ofNullable((String) properties.get(PROMPT));
  }

  /**
   * Returns the seed, also when it was drawn at random.
   *
   * @return empty when nothing was drawn, or nothing is known
   */
  public Optional<Long> seed() {
    return Optional.ofNullable((Long) properties.get(SEED));
  }
}
