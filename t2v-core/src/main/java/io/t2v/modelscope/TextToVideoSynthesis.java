package io.t2v.modelscope;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.PixelRounding;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.scheduler.DdimScheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * ModelScope's text-to-video pipeline, called as in its Python package: a map goes in, a map comes
 * out.
 *
 * <pre>{@code
 * // p = pipeline('text-to-video-synthesis', 'damo/text-to-video-synthesis')
 * // p({'text': 'A panda eating bamboo on a rock.'}, output_video='panda.mp4')
 * try (TextToVideoSynthesis p = TextToVideoSynthesis.of(
 *     TextToVideoPipeline.builder().checkpoint(Path.of("text-to-video-synthesis")),
 *     VideoWriter.mp4().withQuality(100)::toBytes)) {
 *   p.call(Map.of("text", "A panda eating bamboo on a rock."), Path.of("panda.mp4"));
 * }
 * }</pre>
 *
 * <p>What can be set elsewhere is fixed here, as it is there: 50 steps of DDIM, guidance 9 against
 * the empty text, as many frames as the checkpoint's {@code max_frames} says (16 if it does not),
 * shown at 8 a second, colors rounded down. Whoever wants other values takes {@link
 * TextToVideoPipeline}.
 *
 * <p>Quality 100 of {@code VideoWriter} comes nearest to ModelScope's files ({@code crf} 10).
 *
 * <p>Safe for use by many threads, as the pipeline is.
 */
public final class TextToVideoSynthesis implements AutoCloseable {
  /** Key of the sentence, a string. */
  public static final String TEXT = "text";

  /** Key of the height in pixels, an integer; together with {@link #WIDTH}. */
  public static final String HEIGHT = "height";

  /** Key of the width in pixels, an integer; together with {@link #HEIGHT}. */
  public static final String WIDTH = "width";

  /** Key of the result: a path, or bytes. */
  public static final String OUTPUT_VIDEO = "output_video";

  private static final Set<String> KEYS = ImmutableSortedSet.of(TEXT, HEIGHT, WIDTH);
  private static final int STEPS = 50;
  private static final double GUIDANCE_SCALE = 9;
  private static final double FRAMES_PER_SECOND = 8;
  private static final int DEFAULT_SIZE = 256;
  private static final int LATENT_FACTOR = 8;

  private final TextToVideoPipeline pipeline;
  private final Mp4Encoder encoder;
  private final @Nullable Long seed;

  private TextToVideoSynthesis(
      TextToVideoPipeline pipeline, Mp4Encoder encoder, @Nullable Long seed) {
    this.pipeline = pipeline;
    this.encoder = encoder;
    this.seed = seed;
  }

  /**
   * Opens a model.
   *
   * @param settings with a checkpoint in whichever layout, and without a scheduler: that is DDIM on
   *     the checkpoint's noise schedule
   * @param encoder of the MP4 files, such as {@code VideoWriter.mp4().withQuality(100)::toBytes} of
   *     t2v-ffmpeg
   * @return the model, which the caller closes
   * @throws IllegalStateException if settings are missing, or a scheduler is set
   * @throws io.t2v.checkpoint.CheckpointException if the checkpoint is damaged, or of another kind
   * @throws IllegalArgumentException if components do not fit together
   */
  public static TextToVideoSynthesis of(PipelineBuilder settings, Mp4Encoder encoder) {
    return new TextToVideoSynthesis(
        settings.scheduler(DdimScheduler::fromConfig).build(), encoder, null);
  }

  /**
   * Returns the same model with a seed, with which each call starts anew. In Python it is {@code
   * torch.manual_seed(seed)} before each call, which gives the same frames. Without one every call
   * draws another.
   *
   * @param seed any number
   * @return a view of this model; closing either closes both
   */
  public TextToVideoSynthesis withSeed(long seed) {
    return new TextToVideoSynthesis(pipeline, encoder, seed);
  }

  /**
   * Generates a video, as bytes.
   *
   * @param input {@code text}, and optionally {@code height} and {@code width} (default 256 each);
   *     as in ModelScope, what exceeds a multiple of 8 is cut off
   * @return {@code output_video}: a {@code byte[]}, the whole file
   * @throws IllegalArgumentException if the map has another key, or a value of another kind
   * @throws IOException if the video cannot be encoded
   * @throws io.t2v.GenerationCancelledException if the thread was interrupted, or this was closed
   */
  public Map<String, Object> call(Map<String, ?> input) throws IOException {
    return ImmutableMap.of(OUTPUT_VIDEO, encoder.encode(generate(input)));
  }

  /**
   * Generates a video into a file, which appears when it is complete; one of that name is replaced.
   *
   * @param input {@code text}, and optionally {@code height} and {@code width} (default 256 each);
   *     as in ModelScope, what exceeds a multiple of 8 is cut off
   * @param outputVideo the file to write, in a folder that exists
   * @return {@code output_video}: the path
   * @throws IllegalArgumentException if the map has another key, or a value of another kind, or the
   *     folder does not exist
   * @throws IOException if the video cannot be encoded or written
   * @throws io.t2v.GenerationCancelledException if the thread was interrupted, or this was closed
   */
  public Map<String, Object> call(Map<String, ?> input, Path outputVideo) throws IOException {
    Path folder = outputVideo.toAbsolutePath().getParent();
    checkArgument(
        folder != null && Files.isDirectory(folder),
        "output_video is %s, expected a file in a folder that exists",
        outputVideo);
    byte[] file = encoder.encode(generate(input));
    Path partial = folder.resolve("." + UUID.randomUUID() + ".part");
    try {
      Files.write(partial, file, StandardOpenOption.CREATE_NEW);
      Files.move(partial, outputVideo, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
    return ImmutableMap.of(OUTPUT_VIDEO, outputVideo);
  }

  private Video generate(Map<String, ?> input) {
    return pipeline.generate(request(input));
  }

  private GenerationRequest request(Map<String, ?> input) {
    Set<String> unknown = Sets.difference(input.keySet(), KEYS);
    checkArgument(
        unknown.isEmpty(), "the input has the keys %s, expected only some of %s", unknown, KEYS);
    checkArgument(
        input.containsKey(HEIGHT) == input.containsKey(WIDTH),
        "the input has one of height and width, expected both or none (ModelScope fails, or ignores"
            + " it)");
    String text = text(input);
    GenerationRequest.Builder request =
        (text.isBlank() ? GenerationRequest.unconditional() : GenerationRequest.builder(text))
            .steps(STEPS)
            .guidanceScale(GUIDANCE_SCALE)
            .frames(pipeline.checkpointFrames())
            .framesPerSecond(FRAMES_PER_SECOND)
            .pixelRounding(PixelRounding.FLOOR)
            .size(pixels(input, WIDTH), pixels(input, HEIGHT));
    return (seed == null ? request : request.seed(seed)).build();
  }

  private static String text(Map<String, ?> input) {
    Object text = input.get(TEXT);
    checkArgument(text instanceof String, "text is %s, expected a string", text);
    return (String) text;
  }

  private static int pixels(Map<String, ?> input, String key) {
    if (!input.containsKey(key)) {
      return DEFAULT_SIZE;
    }
    Object value = input.get(key);
    checkArgument(
        value instanceof Integer pixels && pixels >= LATENT_FACTOR,
        "%s is %s, expected an integer of at least %s",
        key,
        value,
        LATENT_FACTOR);
    return (Integer) value / LATENT_FACTOR * LATENT_FACTOR;
  }

  /** Closes the model, also for those that {@link #withSeed} returned. */
  @Override
  public void close() {
    pipeline.close();
  }
}
