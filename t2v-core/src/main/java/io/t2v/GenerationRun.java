package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.Progress.Phase;
import io.t2v.device.Precision;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.text.EncodedText;
import io.t2v.torch.Compute;
import io.t2v.torch.HostTensors;
import io.t2v.torch.TensorScope;
import io.t2v.unet.LatentSize;
import io.t2v.vae.VaeDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One run of a request, from the prompt to frames or latents. Used once, within a compute scope.
 */
final class GenerationRun {
  private final Components components;
  private final GenerationRequest request;
  private final LatentSize size;
  private final Map<String, Object> origin;
  private final ProgressListener listener;
  private final Previewer previewer;
  private final int clipsTogether;
  private final Runnable cancellationCheck;
  private final List<Long> seeds;
  private List<String> removedTexts = List.of();

  GenerationRun(
      Components components,
      GenerationRequest request,
      LatentSize size,
      Map<String, Object> origin,
      ProgressListener listener,
      Previewer previewer,
      int clipsTogether,
      Runnable cancellationCheck) {
    this.components = components;
    this.request = request;
    this.size = size;
    this.origin = origin;
    this.listener = listener;
    this.previewer = previewer;
    this.clipsTogether = clipsTogether;
    this.cancellationCheck = cancellationCheck;
    seeds = seedOfEachVideo(request);
  }

  private static List<Long> seedOfEachVideo(GenerationRequest request) {
    if (request.seeds().size() == 1) {
      return Collections.nCopies(request.videos(), request.seeds().get(0));
    }
    if (!request.seeds().isEmpty()) {
      return request.seeds();
    }
    return ThreadLocalRandom.current().longs(request.videos(), 0, 1L << 32).boxed().toList();
  }

  List<Video> videos() {
    try (SamplingPlan plan = plan()) {
      GuidedSteps steps = GuidedSteps.of(request.guidance(), plan.timesteps());
      ProgressTracker tracker = tracker(steps, true);
      VideoCollector collector = new VideoCollector();
      decode(latents(plan, steps, tracker), collector.sink(), tracker);
      return collector.videos(tracker.timings());
    }
  }

  /** Hands each frame on as soon as it is decoded. */
  void frames(FrameSink sink) {
    try (SamplingPlan plan = plan()) {
      GuidedSteps steps = GuidedSteps.of(request.guidance(), plan.timesteps());
      ProgressTracker tracker = tracker(steps, true);
      decode(latents(plan, steps, tracker), sink, tracker);
    }
  }

  NdArray latents() {
    try (SamplingPlan plan = plan()) {
      GuidedSteps steps = GuidedSteps.of(request.guidance(), plan.timesteps());
      Tensor latents = latents(plan, steps, tracker(steps, false));
      return NdArray.of(HostTensors.shape(latents), HostTensors.toFloats(latents));
    }
  }

  private SamplingPlan plan() {
    return components.scheduler().plan(new PlanRequest(request.steps(), request.eta()));
  }

  private ProgressTracker tracker(GuidedSteps steps, boolean decodes) {
    return new ProgressTracker(steps.clips(), decodes, listener, cancellationCheck);
  }

  /** The way of a sentence: text, noise, and the loop between denoiser and scheduler. */
  private Tensor latents(SamplingPlan plan, GuidedSteps steps, ProgressTracker tracker) {
    Tensor text = tracker.phase(Phase.ENCODE_TEXT, request.videos(), () -> encodeText(steps.any()));
    tracker.begin(Phase.PREPARE_DENOISER, 1);
    try (GuidanceRun guidance = steps.guidance().newRun();
        GuidedDenoiser denoiser =
            GuidedDenoiser.bind(components.denoiser(), steps, guidance, text, clipsTogether);
        SeededNoise noise = new SeededNoise(seeds)) {
      tracker.end(Phase.PREPARE_DENOISER, 1);
      Tensor start = initialLatents(noise, plan);
      Tensor end =
          tracker.phase(
              Phase.DENOISE,
              plan.timesteps().length,
              () -> denoise(start, denoiser, plan, noise, tracker));
      tracker.noteTimeBesideNetwork(denoiser.timeInNetwork());
      return end;
    }
  }

  /** [videos, tokens, width], with guidance preceded by as many negative ones. */
  private Tensor encodeText(boolean guided) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor positive =
          placed(request.embeddings().map(GenerationRun::tensor).orElseGet(this::encodePrompts));
      if (!guided) {
        return scope.keep(positive);
      }
      Tensor negative =
          placed(
              request
                  .negativeEmbeddings()
                  .map(GenerationRun::tensor)
                  .orElseGet(() -> encodeNegativePrompts(positive.size(1))));
      return scope.keep(torch.cat(new TensorVector(negative, positive), 0));
    }
  }

  private Tensor encodePrompts() {
    EncodedText encoded = components.textEncoder().encode(request.prompts(), request.clipSkip());
    removedTexts = encoded.removedTexts();
    return encoded.embeddings();
  }

  /** The reference skips layers for the prompt only. */
  private Tensor encodeNegativePrompts(long tokens) {
    List<String> texts =
        request.negativePrompts().isEmpty() ? List.of("") : request.negativePrompts();
    Tensor encoded =
        components.textEncoder().encode(texts, 0, Math.toIntExact(tokens)).embeddings();
    return encoded.expand(request.videos(), encoded.size(1), encoded.size(2));
  }

  private static Tensor tensor(NdArray array) {
    return HostTensors.of(array.values(), array.shape());
  }

  private Tensor initialLatents(SeededNoise noise, SamplingPlan plan) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor gaussian =
          request
              .latents()
              .map(GenerationRun::tensor)
              .orElseGet(
                  () ->
                      noise.initialLatents(
                          components.denoiser().inChannels(),
                          request.frames(),
                          size.height(),
                          size.width()));
      return scope.keep(placed(gaussian).mul(new Scalar(plan.initialNoiseScale())));
    }
  }

  /** Where the denoiser computes; what was given, or remembered, lies on the processor's side. */
  private Tensor placed(Tensor x) {
    return Compute.on(components.denoiser().device(), Precision.FLOAT32).enter(x);
  }

  private Tensor denoise(
      Tensor start,
      GuidedDenoiser denoiser,
      SamplingPlan plan,
      SeededNoise noise,
      ProgressTracker tracker) {
    int steps = plan.timesteps().length;
    Tensor latents = start;
    for (int i = 0; i < steps; i++) {
      int step = i;
      try (TensorScope scope = TensorScope.open()) {
        Tensor scaled = plan.scaleModelInput(latents, i);
        Tensor output =
            denoiser.predict(
                scaled,
                i,
                (done, total) ->
                    tracker.advance(Phase.DENOISE, step, steps, (double) done / total));
        Tensor next = plan.step(foldFrames(output), i, foldFrames(latents), noise);
        latents.close();
        latents = scope.keep(unfoldFrames(next));
      }
      tracker.show(Phase.DENOISE, i + 1, steps, previewer.after(i + 1, plan, latents));
    }
    return latents;
  }

  /** [videos, channels, frames, height, width] to [videos × frames, channels, height, width]. */
  private static Tensor foldFrames(Tensor latents) {
    return latents
        .permute(0, 2, 1, 3, 4)
        .reshape(
            latents.size(0) * latents.size(2), latents.size(1), latents.size(3), latents.size(4));
  }

  private Tensor unfoldFrames(Tensor folded) {
    long frames = folded.size(0) / request.videos();
    return folded
        .view(request.videos(), frames, folded.size(1), folded.size(2), folded.size(3))
        .permute(0, 2, 1, 3, 4);
  }

  /**
   * One frame at a time: frames are independent, and memory does not grow with the clip.
   *
   * @throws UncheckedIOException if the sink fails
   */
  private void decode(Tensor latents, FrameSink sink, ProgressTracker tracker) {
    try (VaeDecoder.Hold hold = components.vaeDecoder().hold();
        TensorScope scope = TensorScope.open()) {
      Tensor folded = foldFrames(latents);
      int count = Math.toIntExact(folded.size(0));
      tracker.begin(Phase.DECODE, count);
      for (int i = 0; i < count; i++) {
        if (i % request.frames() == 0) {
          sink.begin(clip(i / request.frames(), tracker));
        }
        try (TensorScope one = TensorScope.open()) {
          Tensor image = components.vaeDecoder().decode(folded.narrow(0, i, 1));
          sink.frame(Frames.toRgb(image, request.pixelRounding()).get(0));
        }
        if ((i + 1) % request.frames() == 0) {
          sink.end();
        }
        tracker.advance(Phase.DECODE, i + 1, count, 0);
      }
      tracker.end(Phase.DECODE, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Clip clip(int video, ProgressTracker tracker) {
    int factor = components.vaeDecoder().scaleFactor();
    return new Clip(
        size.width() * factor,
        size.height() * factor,
        request.frames(),
        request.framesPerSecond(),
        new Provenance(provenanceOf(video), tracker.timings()));
  }

  private Map<String, Object> provenanceOf(int video) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (!request.prompts().isEmpty()) {
      properties.put(Provenance.PROMPT, request.prompts().get(video));
      if (!removedTexts.get(video).isEmpty()) {
        properties.put(Provenance.REMOVED_TEXT, removedTexts.get(video));
      }
    }
    if (request.isGuided()) {
      negativePromptOf(video).ifPresent(text -> properties.put(Provenance.NEGATIVE_PROMPT, text));
    }
    if (request.latents().isEmpty() || !request.seeds().isEmpty() || request.eta() > 0) {
      properties.put(Provenance.SEED, seeds.get(video));
    }
    properties.put(Provenance.STEPS, request.steps());
    properties.putAll(guidanceOf(request.guidance()));
    properties.put(Provenance.ETA, request.eta());
    properties.put(Provenance.CLIP_SKIP, request.clipSkip());
    if (request.pixelRounding() != PixelRounding.NEAREST) {
      properties.put(Provenance.PIXEL_ROUNDING, request.pixelRounding().name());
    }
    properties.put(Provenance.SCHEDULER, components.scheduler().name());
    properties.put(Provenance.SCHEDULER_CONFIG, withoutNulls(components.scheduler().config()));
    properties.putAll(origin);
    return properties;
  }

  private static Map<String, Object> guidanceOf(Guidance guidance) {
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

  private Optional<String> negativePromptOf(int video) {
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
