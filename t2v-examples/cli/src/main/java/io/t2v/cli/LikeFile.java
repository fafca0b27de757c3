package io.t2v.cli;

import io.t2v.Clip;
import io.t2v.GenerationRequest;
import io.t2v.PixelRounding;
import io.t2v.Provenance;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
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
 * @param clip as its file records it
 */
record LikeFile(Clip clip) {
  /** What a request repeats, or what only describes how it went. */
  private static final Set<String> KNOWN =
      Set.of(
          Provenance.PROMPT,
          Provenance.NEGATIVE_PROMPT,
          Provenance.REMOVED_TEXT,
          Provenance.SEED,
          Provenance.STEPS,
          Provenance.GUIDANCE_SCALE,
          Provenance.ETA,
          Provenance.CLIP_SKIP,
          Provenance.SCHEDULER,
          Provenance.SCHEDULER_CONFIG,
          Provenance.CHECKPOINT,
          Provenance.VARIANT,
          Provenance.GUIDANCE_RESCALE,
          Provenance.GUIDANCE_START,
          Provenance.GUIDANCE_STOP,
          Provenance.PIXEL_ROUNDING,
          Provenance.DTYPE,
          Provenance.DEVICE,
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

  Optional<String> checkpoint() {
    return text(Provenance.CHECKPOINT);
  }

  Optional<String> variant() {
    return text(Provenance.VARIANT);
  }

  private Optional<String> text(String name) {
    return properties().get(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** Sets what the file says; what the command line says comes after it. */
  void applyTo(GenerationRequest.Builder request) {
    request.frames(clip.frames());
    request.size(clip.width(), clip.height());
    request.framesPerSecond(clip.framesPerSecond());
    number(Provenance.STEPS).ifPresent(value -> request.steps(value.intValue()));
    number(Provenance.GUIDANCE_SCALE)
        .ifPresent(value -> request.guidanceScale(value.doubleValue()));
    number(Provenance.GUIDANCE_RESCALE)
        .ifPresent(value -> request.guidanceRescale(value.doubleValue()));
    number(Provenance.GUIDANCE_START)
        .ifPresent(value -> request.guidanceStart(value.doubleValue()));
    number(Provenance.GUIDANCE_STOP).ifPresent(value -> request.guidanceStop(value.doubleValue()));
    text(Provenance.PIXEL_ROUNDING)
        .ifPresent(value -> request.pixelRounding(PixelRounding.valueOf(value)));
    number(Provenance.ETA).ifPresent(value -> request.eta(value.doubleValue()));
    number(Provenance.CLIP_SKIP).ifPresent(value -> request.clipSkip(value.intValue()));
  }

  private Optional<Number> number(String name) {
    return properties().get(name) instanceof Number number ? Optional.of(number) : Optional.empty();
  }

  /** The scheduler with every option as it was, whatever the checkpoint says today. */
  Optional<SchedulerFactory> scheduler() {
    if (!(properties().get(Provenance.SCHEDULER) instanceof String name)
        || !Schedulers.names().contains(name)
        || !(properties().get(Provenance.SCHEDULER_CONFIG) instanceof Map<?, ?> config)) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    config.forEach((option, value) -> options.put(String.valueOf(option), value));
    return Optional.of(
        written -> {
          // A null, the reference's None, is not recorded: it is taken from the checkpoint.
          Map<String, @Nullable Object> all = new LinkedHashMap<>(written.options());
          all.putAll(options);
          return Schedulers.byName(name).fromConfig(new SchedulerConfig(name, all));
        });
  }

  /** What the file records and this program does not repeat. */
  Set<String> notRepeated() {
    Set<String> names = new TreeSet<>(properties().keySet());
    names.removeAll(KNOWN);
    return names;
  }
}
