package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.scheduler.Scheduler;
import io.t2v.text.PromptSyntax;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes down how a video is generated, under the names of {@link Provenance}. */
final class ProvenanceProperties {
  private ProvenanceProperties() {}

  /**
   * Lists the properties of one video.
   *
   * @param video index in the request
   * @param seed of this video
   * @param truncatedTexts what did not fit into the text encoder, one a prompt
   * @param origin what all videos of the pipeline have in common
   */
  static Map<String, Object> of(
      GenerationRequest request,
      int video,
      long seed,
      List<String> truncatedTexts,
      Scheduler scheduler,
      Map<String, Object> origin) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (!request.prompts().isEmpty()) {
      properties.put(Provenance.PROMPT, request.prompts().get(video));
      if (!truncatedTexts.get(video).isEmpty()) {
        properties.put(Provenance.TRUNCATED_TEXT, truncatedTexts.get(video));
      }
    }
    if (request.promptSyntax() != PromptSyntax.PLAIN) {
      properties.put(Provenance.PROMPT_SYNTAX, request.promptSyntax().name());
    }
    if (request.isGuided()) {
      negativePrompt(request, video)
          .ifPresent(text -> properties.put(Provenance.NEGATIVE_PROMPT, text));
    }
    if (!request.promptsAt().isEmpty()) {
      properties.put(Provenance.PROMPT_AT, RequestProperties.byFrame(request.promptsAt()));
    }
    if (request.isGuided() && !request.negativePromptsAt().isEmpty()) {
      properties.put(
          Provenance.NEGATIVE_PROMPT_AT, RequestProperties.byFrame(request.negativePromptsAt()));
    }
    request.window().ifPresent(window -> properties.put(Provenance.WINDOW, window.toProperties()));
    if (!request.acceleration().equals(Acceleration.none())) {
      properties.put(Provenance.ACCELERATION, request.acceleration().toProperties());
    }
    if (request.latents().isEmpty() || !request.seeds().isEmpty() || request.eta() > 0) {
      properties.put(Provenance.SEED, seed);
    }
    properties.put(Provenance.STEPS, request.steps());
    properties.putAll(guidance(request.guidance()));
    properties.putAll(RequestProperties.adjustments(request));
    properties.put(Provenance.ETA, request.eta());
    properties.put(Provenance.CLIP_SKIP, request.clipSkip());
    if (request.pixelRounding() != PixelRounding.NEAREST) {
      properties.put(Provenance.PIXEL_ROUNDING, request.pixelRounding().name());
    }
    request
        .watermark()
        .ifPresent(
            payload ->
                properties.put(Provenance.WATERMARK, RequestProperties.hexadecimal(payload)));
    properties.putAll(start(request, video));
    properties.putAll(constraints(request));
    properties.put(Provenance.SCHEDULER, scheduler.name());
    properties.put(Provenance.SCHEDULER_CONFIG, withoutNulls(scheduler.config()));
    properties.putAll(origin);
    return properties;
  }

  /** Of a run that starts from a video or its latents. */
  private static Map<String, Object> start(GenerationRequest request, int video) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (!request.startsFromVideo()) {
      return properties;
    }
    List<Video> videos = request.initVideos();
    if (!videos.isEmpty()) {
      Video own = videos.get(videos.size() == 1 ? 0 : video);
      properties.put(Provenance.INIT_VIDEO, ContentHash.of(own));
    }
    request
        .initLatents()
        .ifPresent(
            latents ->
                properties.put(Provenance.INIT_LATENTS, ContentHash.of(latents.entry(video))));
    properties.put(Provenance.STRENGTH, request.strength());
    if (request.initPosterior() != Posterior.SAMPLED) {
      properties.put(Provenance.INIT_POSTERIOR, request.initPosterior().name());
    }
    return properties;
  }

  private static Map<String, Object> constraints(GenerationRequest request) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (!request.keyFrames().isEmpty()) {
      properties.put(
          Provenance.KEY_FRAMES,
          request.keyFrames().entrySet().stream()
              .map(entry -> keyFrame(entry.getKey(), entry.getValue()))
              .toList());
    }
    request
        .constraint()
        .ifPresent(
            constraint -> {
              properties.put(Provenance.CONSTRAINT, constraint.name());
              properties.put(
                  Provenance.CONSTRAINT_CONFIG, ImmutableMap.copyOf(constraint.config()));
            });
    return properties;
  }

  private static Map<String, Object> keyFrame(int frame, KeyFrame key) {
    ImmutableMap.Builder<String, Object> fields = ImmutableMap.builder();
    fields
        .put("frame", frame)
        .put("weight", key.weight())
        .put("image", ContentHash.of(key.image()));
    key.mask().ifPresent(mask -> fields.put("mask", mask.hash()));
    return fields.buildOrThrow();
  }

  private static Map<String, Object> guidance(Guidance guidance) {
    if (guidance instanceof ClassifierFreeGuidance own) {
      return ImmutableMap.of(
          Provenance.GUIDANCE_SCALE, own.scale(),
          Provenance.GUIDANCE_RESCALE, own.rescale(),
          Provenance.GUIDANCE_START, own.start(),
          Provenance.GUIDANCE_STOP, own.stop());
    }
    return ImmutableMap.of(
        Provenance.GUIDANCE, guidance.name(),
        Provenance.GUIDANCE_CONFIG, ImmutableMap.copyOf(guidance.config()));
  }

  private static Optional<String> negativePrompt(GenerationRequest request, int video) {
    List<String> texts = request.negativePrompts();
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(texts.get(texts.size() == 1 ? 0 : video));
  }

  private static Map<String, Object> withoutNulls(Map<String, ?> config) {
    ImmutableMap.Builder<String, Object> present = ImmutableMap.builder();
    config.forEach(
        (name, value) -> {
          if (value != null) {
            present.put(name, value);
          }
        });
    return present.buildOrThrow();
  }
}
