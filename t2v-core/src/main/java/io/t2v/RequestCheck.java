package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.memory.Workload.CachedFeatures;
import io.t2v.internal.memory.Workload.Texts;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PromptEncoder;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.Stateful;
import io.t2v.text.PromptSyntax;
import io.t2v.text.TextEncoder;
import io.t2v.unet.LatentSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks requests against the components of a pipeline, before anything is computed. Thread-safe.
 *
 * @param components of the pipeline
 */
record RequestCheck(PipelineComponents components) {
  /** Of the denoiser, by schedulers such as Heun's. */
  private static final int MOST_CALLS_OF_A_STEP = 2;

  /**
   * Checks all of a request. Called within a compute scope.
   *
   * @throws IllegalArgumentException if it does not fit this model; the message names the setting
   */
  void check(GenerationRequest request) {
    checkEncoder(request);
    checkTimesteps(request);
    checkClipSkip(request);
    checkEmbeddings(request);
    checkTextOfEachFrame(request);
    checkAdjustments(request);
    checkCaching(request);
    checkGuidance(request);
    checkWatermark(request);
    if (request.promptSyntax() != PromptSyntax.PLAIN) {
      promptEncoder(request);
    }
  }

  private void checkEncoder(GenerationRequest request) {
    checkArgument(
        !request.encodesImages() || components.vaeEncoder().isPresent(),
        "the request has frames to encode, but this pipeline has no encoder: give"
            + " PipelineBuilder.vaeEncoder() one that belongs to the decoder");
  }

  private void checkTimesteps(GenerationRequest request) {
    checkArgument(
        !request.acceleration().alignSteps()
            || !components.scheduler().alignedTimesteps(1).isEmpty(),
        "the acceleration aligns steps, but %s takes no timesteps: expected a scheduler that does,"
            + " such as DPMSolverMultistepScheduler or EulerDiscreteScheduler",
        components.scheduler().name());
    try (SamplingPlan plan = RunSteps.plan(request, components.scheduler())) {
      checkArgument(
          plan.timesteps().length > 0,
          "%s has no timestep for steps = %s",
          components.scheduler().name(),
          request.steps());
      RunSteps.of(request, components, plan);
    }
  }

  /**
   * Checks that a run can be saved. Called within a compute scope.
   *
   * @throws SavedRunException if a plug-in does not say what it remembers
   */
  void requireSavable(GenerationRequest request) {
    Scheduler scheduler = components.scheduler();
    try (SamplingPlan plan = RunSteps.plan(request, scheduler);
        GuidanceRun guidance = request.guidance().newRun()) {
      requireStateful(plan, "scheduler", scheduler.name());
      requireStateful(guidance, "guidance", request.guidance().name());
      request
          .constraint()
          .ifPresent(
              constraint -> {
                try (LatentConstraintRun run = constraint.newRun()) {
                  requireStateful(run, "constraint", constraint.name());
                }
              });
    }
  }

  private static void requireStateful(Object run, String kind, String name) {
    if (!(run instanceof Stateful)) {
      throw new SavedRunException(
          "The run cannot be saved: the %s %s does not say what it remembers between steps. Let %s implement %s."
              .formatted(kind, name, run.getClass().getName(), Stateful.class.getName()));
    }
  }

  private void checkCaching(GenerationRequest request) {
    Acceleration acceleration = request.acceleration();
    if (!acceleration.cachesSteps()) {
      return;
    }
    int depths = components.denoiser().cacheDepths();
    checkArgument(
        depths > 0,
        "the acceleration has the cacheInterval %s, but %s reuses no features, as none does that"
            + " replays CUDA graphs: expected 1",
        acceleration.cacheInterval(),
        components.denoiser().getClass().getName());
    checkArgument(
        acceleration.cacheDepth() < depths,
        "the acceleration has the cacheDepth %s, expected 0 to %s, the skip connections of this"
            + " network",
        acceleration.cacheDepth(),
        depths - 1);
  }

  private void checkTextOfEachFrame(GenerationRequest request) {
    checkArgument(
        !request.changesText() || components.denoiser().readsTextOfEachFrame(),
        "the request has a promptAt or negativePromptAt, but %s takes one text for all frames:"
            + " expected neither of them",
        components.denoiser().getClass().getName());
  }

  private void checkAdjustments(GenerationRequest request) {
    checkArgument(
        request.unetAdjustments().isNone() || components.denoiser().takesAdjustments(),
        "the request has freeU, temporalAttentionStrength or temporalConvStrength, but %s computes"
            + " its network as it is: expected none of them",
        components.denoiser().getClass().getName());
  }

  private void checkGuidance(GenerationRequest request) {
    if (!components.embedsGuidance()) {
      return;
    }
    List<String> surplus = new ArrayList<>();
    addIf(surplus, "negativePrompts", !request.negativePrompts().isEmpty());
    addIf(surplus, "negativeEmbeddings", request.negativeEmbeddings().isPresent());
    addIf(surplus, "negativePromptAt", !request.negativePromptsAt().isEmpty());
    addIf(
        surplus,
        "a guidance other than guidanceScale",
        !request.guidance().equals(ClassifierFreeGuidance.ofScale(request.guidanceScale())));
    checkArgument(
        surplus.isEmpty(),
        "the request has %s, but this model takes the guidance scale as an input and predicts for"
            + " the prompt alone: expected none of them",
        String.join(", ", surplus));
  }

  private static void addIf(List<String> names, String name, boolean present) {
    if (present) {
      names.add(name);
    }
  }

  /** Whether predictions for a negative prompt are needed. */
  private boolean isGuided(GenerationRequest request) {
    return request.isGuided() && !components.embedsGuidance();
  }

  private void checkWatermark(GenerationRequest request) {
    if (request.watermark().isPresent()) {
      VideoInfo info = videoInfo(request);
      Watermark.checkSize(info.width(), info.height());
    }
  }

  private void checkClipSkip(GenerationRequest request) {
    int max = components.textEncoder().maxClipSkip();
    checkArgument(
        request.clipSkip() <= max,
        "clipSkip is %s, expected at most %s: the text encoder has no more layers",
        request.clipSkip(),
        max);
  }

  private void checkEmbeddings(GenerationRequest request) {
    TextEncoder encoder = components.textEncoder();
    int textWidth = components.denoiser().textWidth();
    request
        .embeddings()
        .ifPresent(
            embeddings -> {
              checkArgument(
                  embeddings.shape()[2] == textWidth,
                  "embeddings are %s, expected [videos, tokens, %s]",
                  embeddings,
                  textWidth);
              checkArgument(
                  !isGuided(request)
                      || request.negativeEmbeddings().isPresent()
                      || (embeddings.shape()[1] >= 2
                          && embeddings.shape()[1] <= encoder.maxTokens()),
                  "embeddings are %s, but the text encoder makes 2 to %s tokens: give"
                      + " negativeEmbeddings as well",
                  embeddings,
                  encoder.maxTokens());
            });
    if (isGuided(request) && request.embeddings().isEmpty()) {
      request
          .negativeEmbeddings()
          .ifPresent(
              negative ->
                  checkArgument(
                      negative.hasShape(request.videos(), encoder.maxTokens(), textWidth),
                      "negativeEmbeddings are %s, expected [%s, %s, %s]",
                      negative,
                      request.videos(),
                      encoder.maxTokens(),
                      textWidth));
    }
  }

  /**
   * Returns the size of a request's latents: its own size, or the checkpoint's.
   *
   * @throws IllegalArgumentException if neither is there, or it does not fit the autoencoder
   */
  LatentSize latentSize(GenerationRequest request) {
    int factor = components.vaeDecoder().scaleFactor();
    LatentSize own = components.denoiser().sampleSize().orElse(new LatentSize(0, 0));
    if (request.initLatents().isPresent() && request.width().isEmpty()) {
      long[] shape = request.initLatents().orElseThrow().shape();
      own = new LatentSize(Math.toIntExact(shape[3]), Math.toIntExact(shape[4]));
    }
    int width = request.width().orElse(own.width() * factor);
    int height = request.height().orElse(own.height() * factor);
    checkArgument(
        width > 0 && height > 0,
        "the checkpoint names no size: set it on the request, for example size(256, 256)");
    String cure = request.encodesImages() ? "; FrameResize resizes frames" : "";
    checkMultiple("width", width, factor, cure);
    checkMultiple("height", height, factor, cure);
    LatentSize size = new LatentSize(height / factor, width / factor);
    request.latents().ifPresent(latents -> checkLatents(request, "latents", latents, size));
    request.initLatents().ifPresent(latents -> checkLatents(request, "initLatents", latents, size));
    return size;
  }

  private void checkLatents(
      GenerationRequest request, String name, NdArray latents, LatentSize size) {
    int channels = components.denoiser().inChannels();
    checkArgument(
        latents.hasShape(request.videos(), channels, request.frames(), size.height(), size.width()),
        "%s are %s, expected [%s, %s, %s, %s, %s]",
        name,
        latents,
        request.videos(),
        channels,
        request.frames(),
        size.height(),
        size.width());
  }

  private static void checkMultiple(String name, int value, int factor, String cure) {
    int below = Math.max(factor, value / factor * factor);
    checkArgument(
        value % factor == 0,
        "%s is %s, expected a multiple of %s, such as %s or %s%s",
        name,
        value,
        factor,
        below,
        below + factor,
        cure);
  }

  /** What the memory planner needs to know of a request. The network sees one window at a time. */
  Workload workload(GenerationRequest request) {
    LatentSize size = latentSize(request);
    int frames = request.window().map(FrameWindow::length).orElse(request.frames());
    return new Workload(
        request.videos(),
        isGuided(request),
        Math.min(frames, request.frames()),
        size.height(),
        size.width(),
        1,
        request.encodesImages(),
        texts(request),
        cachedFeatures(request),
        1);
  }

  private Texts texts(GenerationRequest request) {
    boolean promptsApart = isGuided(request) && mayPauseGuidance(request);
    if (request.promptSyntax() == PromptSyntax.PLAIN) {
      return request.changesText()
          ? new Texts(components.textEncoder().maxTokens(), 1, true, promptsApart)
          : Texts.ONE;
    }
    return promptEncoder(request)
        .texts(
            request.prompts(),
            request.negativePrompts(),
            MOST_CALLS_OF_A_STEP * request.steps(),
            promptsApart);
  }

  /** A plug-in says it for the timesteps of a run alone. */
  private static boolean mayPauseGuidance(GenerationRequest request) {
    return request.acceleration().guidanceAgreement() < 1
        || !(request.guidance() instanceof ClassifierFreeGuidance ours)
        || ours.start() > 0
        || ours.stop() < 1;
  }

  private PromptEncoder promptEncoder(GenerationRequest request) {
    PromptEncoder encoder = new PromptEncoder(components.textEncoder(), request.promptSyntax());
    encoder.check();
    return encoder;
  }

  private static Optional<CachedFeatures> cachedFeatures(GenerationRequest request) {
    int windows =
        request.window().map(window -> window.plan(request.frames()).windows(0).size()).orElse(1);
    return Optional.of(request.acceleration())
        .filter(Acceleration::cachesSteps)
        .map(acceleration -> new CachedFeatures(acceleration.cacheDepth(), windows));
  }

  /** Size and frame rate of a request's videos, without provenance. */
  VideoInfo videoInfo(GenerationRequest request) {
    LatentSize size = latentSize(request);
    int factor = components.vaeDecoder().scaleFactor();
    return new VideoInfo(
        size.width() * factor,
        size.height() * factor,
        request.frames(),
        request.framesPerSecond(),
        Provenance.unknown());
  }
}
