package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.Provenance;
import io.t2v.VideoInfo;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a video that was made before, for making it again.
 *
 * @param name of the file, for messages
 * @param clip as its file records it
 */
record LikeFile(String name, VideoInfo clip) {
  /** What is repeated beside the settings of a request, or only describes how it went. */
  private static final Set<String> OTHERS =
      Set.of(
          Provenance.PROMPT,
          Provenance.NEGATIVE_PROMPT,
          Provenance.TRUNCATED_TEXT,
          Provenance.SEED,
          Provenance.INIT_VIDEO,
          Provenance.STRENGTH,
          Provenance.KEY_FRAMES,
          Provenance.SCHEDULER,
          Provenance.SCHEDULER_CONFIG,
          Provenance.CHECKPOINT,
          Provenance.VARIANT,
          Provenance.ADAPTERS,
          Provenance.LEARNED_WORDS,
          Provenance.DTYPE,
          Provenance.DTYPE_REASON,
          Provenance.DEVICE,
          Provenance.GPU_OPTIMIZATIONS,
          Provenance.VERSIONS);

  private Map<String, Object> properties() {
    return clip.provenance().properties();
  }

  String prompt() {
    return clip.provenance()
        .prompt()
        .orElseThrow(
            () ->
                new FailureException(
                    "The video was made from embeddings, which its file does not hold: give a"
                        + " prompt."));
  }

  List<String> negativePrompts() {
    return properties().get(Provenance.NEGATIVE_PROMPT) instanceof String text
        ? List.of(text)
        : List.of();
  }

  List<Long> seeds() {
    return clip.provenance().seed().stream().toList();
  }

  RecordedStart start() {
    return RecordedStart.of(properties());
  }

  Optional<String> checkpoint() {
    return text(Provenance.CHECKPOINT);
  }

  Optional<String> variant() {
    return text(Provenance.VARIANT);
  }

  private Optional<String> text(String name) {
    return properties().get(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /**
   * Sets what the file says; what the command line says comes after it.
   *
   * @param withTexts whether the prompt is the file's as well, so that what it changes into is
   */
  void applyTo(GenerationRequest.Builder request, boolean withTexts) {
    Map<String, Object> settings = new HashMap<>(properties());
    if (!withTexts) {
      settings.keySet().removeAll(Set.of(Provenance.PROMPT_AT, Provenance.NEGATIVE_PROMPT_AT));
    }
    settings.put(RecordedSettings.FRAMES, clip.frames());
    settings.put(RecordedSettings.WIDTH, clip.width());
    settings.put(RecordedSettings.HEIGHT, clip.height());
    settings.put(RecordedSettings.FRAMES_PER_SECOND, clip.framesPerSecond());
    RecordedSettings.apply(settings, request);
  }

  /**
   * The scheduler with every option as it was, whatever the checkpoint says today.
   *
   * @throws FailureException if there is none of its name: another one would make another video
   */
  Optional<SchedulerFactory> scheduler() {
    if (!(properties().get(Provenance.SCHEDULER) instanceof String scheduler)
        || !(properties().get(Provenance.SCHEDULER_CONFIG) instanceof Map<?, ?> config)) {
      return Optional.empty();
    }
    if (!Schedulers.names().contains(scheduler)) {
      throw new FailureException(
          ("%s was made with the scheduler %s, which is not known here: put its plug-in"
                  + " on the class path, or choose another one with --scheduler NAME.")
              .formatted(name, scheduler));
    }
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    config.forEach((option, value) -> options.put(String.valueOf(option), value));
    return Optional.of(
        written -> {
          // A null, the reference's None, is not recorded: it is taken from the checkpoint.
          Map<String, @Nullable Object> all = new LinkedHashMap<>(written.options());
          all.putAll(options);
          return Schedulers.byName(scheduler).fromConfig(new SchedulerConfig(scheduler, all));
        });
  }

  /** What the file records and this program does not repeat. */
  Set<String> notRepeated() {
    Set<String> names = new TreeSet<>(properties().keySet());
    names.removeAll(RecordedSettings.NAMES);
    names.removeAll(OTHERS);
    return names;
  }
}
