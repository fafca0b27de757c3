package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.StateFile;
import io.t2v.internal.io.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A run as it was after one of its steps, from a file that {@link Generation#saveRunTo} wrote:
 *
 * <pre>{@code
 * Path file = Path.of("long.t2vrun");
 * Generation generation = Files.exists(file)
 *     ? pipeline.resume(SavedRun.read(file))
 *     : pipeline.prepare(request);
 * Video video = generation.saveRunTo(file).toVideo();
 * }</pre>
 *
 * <p>The file holds the latents, what scheduler, guidance and constraint remember, where the random
 * numbers are, and all settings. It does not hold frames, images, embeddings or latents that a
 * request was given, nor plug-ins: of those it has names and digests. The size is that of a few
 * latents, some megabytes for hundreds of frames. Its format is safetensors.
 *
 * <p>Immutable and safe for use by many threads; all of the file is held on the heap.
 */
public final class SavedRun {
  private static final String FORMAT = "t2v-run-1";
  private static final String STEP = "step";
  private static final String STEPS = "steps";
  private static final String SEEDS = "seeds";
  private static final String TRUNCATED_TEXTS = "truncatedTexts";
  private static final String SETTINGS = "settings";

  private final Path file;
  private final StateFile content;

  private SavedRun(Path file, StateFile content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Reads a file.
   *
   * @param file that {@link Generation#saveRunTo} wrote
   * @return the run
   * @throws SavedRunException if it is missing, damaged, or no such file
   */
  public static SavedRun read(Path file) {
    try {
      SavedRun run = new SavedRun(file, StateFile.read(file, FORMAT));
      checkArgument(run.steps() >= 1, "steps is %s, expected at least 1", run.steps());
      checkArgument(
          run.step() >= 1 && run.step() <= run.steps(),
          "step is %s, expected 1 to %s",
          run.step(),
          run.steps());
      checkArgument(!run.seeds().isEmpty(), "seeds is empty, expected at least one");
      int videos = run.seeds().size();
      requireOneForEachSeed("videos", run.videos(), videos);
      requireOneForEachSeed(TRUNCATED_TEXTS, run.truncatedTexts(), videos);
      return run;
    } catch (CheckpointException e) {
      throw new SavedRunException("No run can be resumed. " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  private static void requireOneForEachSeed(String name, List<?> entries, int seeds) {
    checkArgument(
        entries.size() == seeds,
        "%s has %s entries, expected %s, one for each seed",
        name,
        entries.size(),
        seeds);
  }

  private static SavedRunException damaged(Path file, RuntimeException e) {
    return new SavedRunException(
        "No run can be resumed. " + file + " is damaged: " + e.getMessage() + ".", e);
  }

  /** Writes a run after a step. */
  static void write(Path file, Progress after, RunSettings settings, Map<String, Tensor> tensors) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(STEP, after.step());
    values.put(STEPS, after.steps());
    values.put(SEEDS, after.seeds());
    values.put(TRUNCATED_TEXTS, after.truncatedTexts());
    values.put(SETTINGS, settings.values());
    try {
      StateFile.write(file, FORMAT, values, tensors);
    } catch (IOException e) {
      throw new SavedRunException(
          "The run could not be saved to %s after step %s of %s: %s. What is there is the run after an earlier step."
              .formatted(file, after.step(), after.steps(), FileErrors.reason(e)),
          e);
    }
  }

  /**
   * How far a run is.
   *
   * @param seeds of its videos
   * @param truncatedTexts what did not fit into the text encoder, one a video
   */
  record Progress(int step, int steps, List<Long> seeds, List<String> truncatedTexts) {}

  /**
   * Returns after which step the run was saved.
   *
   * @return from 1 to {@link #steps()}
   */
  public int step() {
    return integer(STEP);
  }

  /**
   * Returns how many steps the run has: calls of the denoiser.
   *
   * @return at least 1
   */
  public int steps() {
    return integer(STEPS);
  }

  /**
   * Returns the seed of each video, also where they were drawn at random.
   *
   * @return one a video
   */
  public List<Long> seeds() {
    return list(SEEDS).stream().map(seed -> RunSettings.whole(SEEDS, seed)).toList();
  }

  List<String> truncatedTexts() {
    return list(TRUNCATED_TEXTS).stream().map(String::valueOf).toList();
  }

  private RunSettings settings() {
    Object settings = value(SETTINGS);
    checkArgument(settings instanceof Map, "%s is %s, expected a map", SETTINGS, settings);
    return RunSettings.read((Map<?, ?>) settings);
  }

  /**
   * Returns the request of the run, with its seeds.
   *
   * @return the request
   * @throws SavedRunException if it held more than text and numbers
   */
  public GenerationRequest request() {
    RunSettings settings = settings();
    if (!settings.given().isEmpty()) {
      throw new SavedRunException(
          "The request of %s holds %s, of which the file has digests alone: prepare the same request again, and call resume on it."
              .formatted(file, String.join(", ", settings.given())));
    }
    Map<String, @Nullable Object> request = new LinkedHashMap<>(settings.request());
    request.put(SEEDS, seeds());
    try {
      return GenerationRequest.fromProperties(request);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw damaged(file, e);
    }
  }

  /**
   * Returns how the videos are made, in the names of {@link Provenance}.
   *
   * @return one a video, without times
   */
  public List<VideoInfo> videos() {
    return settings().videos();
  }

  /** The class of the filter that returned the texts of the request, if there was one. */
  Optional<String> contentFilter() {
    return settings().contentFilter();
  }

  private Object value(String name) {
    Object value = content.values().get(name);
    checkArgument(value != null, "%s is absent", name);
    return value;
  }

  private int integer(String name) {
    long number = RunSettings.whole(name, value(name));
    checkArgument(
        number == (int) number, "%s is %s, expected at most %s", name, number, Integer.MAX_VALUE);
    return (int) number;
  }

  private List<?> list(String name) {
    Object list = value(name);
    checkArgument(list instanceof List, "%s is %s, expected a list", name, list);
    return (List<?>) list;
  }

  /** Refuses another request, model or version. */
  void requireSame(List<Long> seedsOfRequest, RunSettings now) {
    String difference = settings().differenceTo(now);
    List<Long> ofEach = GenerationSeeds.ofEach(seedsOfRequest, seeds().size());
    if (difference.isEmpty() && !ofEach.isEmpty() && !ofEach.equals(seeds())) {
      difference = "seeds are " + ofEach + ", but were " + seeds();
    }
    if (!difference.isEmpty()) {
      throw new SavedRunException(
          file
              + " holds a run of other settings: "
              + difference
              + ". Resume it with the same model, version and request, or start a new run.");
    }
  }

  /** The tensors of the file, on the CPU. */
  Map<String, Tensor> tensors() {
    return content.tensors();
  }

  @Override
  public String toString() {
    return "SavedRun[" + file + ", after step " + step() + " of " + steps() + "]";
  }
}
