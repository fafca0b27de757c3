package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.Progress.Phase;
import io.t2v.device.Precision;
import io.t2v.guidance.GuidanceRun;
import io.t2v.internal.pipeline.GuidanceSchedule;
import io.t2v.internal.pipeline.GuidedDenoiser;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.pipeline.PromptEncoder;
import io.t2v.internal.pipeline.SeededNoise;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.text.EncodedText;
import io.t2v.text.PromptSyntax;
import io.t2v.text.PromptTokens;
import io.t2v.text.TextEncoder;
import io.t2v.unet.LatentSize;
import io.t2v.vae.VaeDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One run of a request, from the prompt to frames or latents. Used once, within a compute scope.
 */
final class GenerationRun {
  private static final String ENCODER = "The result of the text encoder";
  private static final String DAMAGED =
      "The weights may be damaged: compare the digests of the files with the published ones.";
  private static final String LESS_PRECISE =
      "Compute this network with Precision.FLOAT32, or BFLOAT16 in place of FLOAT16; if it does so"
          + " already, the weights may be damaged.";
  private static final String SOLVER =
      "The prediction was finite: try more steps or another scheduler.";

  private final PipelineComponents components;
  private final GenerationRequest request;
  private final LatentSize size;
  private final Map<String, Object> origin;
  private final ProgressListener listener;
  private final Previewer previewer;
  private final int microBatch;
  private final Runnable cancellationCheck;
  private final FiniteCheck finite;
  private final List<Long> seeds;
  private List<String> truncatedTexts = List.of();

  GenerationRun(
      PipelineComponents components,
      GenerationRequest request,
      LatentSize size,
      Map<String, Object> origin,
      ProgressListener listener,
      Previewer previewer,
      int microBatch,
      FiniteCheck finite,
      Runnable cancellationCheck) {
    this.components = components;
    this.request = request;
    this.size = size;
    this.origin = origin;
    this.listener = listener;
    this.previewer = previewer;
    this.microBatch = microBatch;
    this.finite = finite;
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
      GuidanceSchedule steps = GuidanceSchedule.of(request.guidance(), plan.timesteps());
      ProgressTracker tracker = tracker(steps, true);
      VideoCollector collector = new VideoCollector();
      decode(latents(plan, steps, tracker), collector.sink(), tracker);
      return collector.videos(tracker.timings());
    }
  }

  /** Hands each frame on as soon as it is decoded. */
  void frames(FrameSink sink) {
    try (SamplingPlan plan = plan()) {
      GuidanceSchedule steps = GuidanceSchedule.of(request.guidance(), plan.timesteps());
      ProgressTracker tracker = tracker(steps, true);
      decode(latents(plan, steps, tracker), sink, tracker);
    }
  }

  NdArray latents() {
    try (SamplingPlan plan = plan()) {
      GuidanceSchedule steps = GuidanceSchedule.of(request.guidance(), plan.timesteps());
      Tensor latents = latents(plan, steps, tracker(steps, false));
      return NdArray.of(HostTensors.shape(latents), HostTensors.toFloats(latents));
    }
  }

  private SamplingPlan plan() {
    return components.scheduler().plan(new PlanRequest(request.steps(), request.eta()));
  }

  private ProgressTracker tracker(GuidanceSchedule steps, boolean decodes) {
    return new ProgressTracker(steps.clips(), decodes, listener, cancellationCheck);
  }

  /** Encodes the prompt, draws the initial noise, and denoises it step by step. */
  private Tensor latents(SamplingPlan plan, GuidanceSchedule steps, ProgressTracker tracker) {
    Tensor text = tracker.phase(Phase.ENCODE_TEXT, request.videos(), () -> encodeText(steps.any()));
    tracker.begin(Phase.PREPARE_DENOISER, 1);
    try (GuidanceRun guidance = steps.guidance().newRun();
        GuidedDenoiser denoiser =
            GuidedDenoiser.bind(components.denoiser(), steps, guidance, text, microBatch);
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
    PromptLanguage.warnUnlessEnglish(request.prompts());
    if (request.promptSyntax() != PromptSyntax.PLAIN) {
      return encodeInChunks(guided);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor positive =
          toDenoiserDevice(
              request.embeddings().map(GenerationRun::tensor).orElseGet(this::encodePrompts));
      if (!guided) {
        return scope.keep(positive);
      }
      Tensor negative =
          toDenoiserDevice(
              request
                  .negativeEmbeddings()
                  .map(GenerationRun::tensor)
                  .orElseGet(() -> encodeNegativePrompts(positive.size(1))));
      return scope.keep(torch.cat(new TensorVector(negative, positive), 0));
    }
  }

  private Tensor encodePrompts() {
    EncodedText encoded = components.textEncoder().encode(request.prompts(), request.clipSkip());
    truncatedTexts = encoded.truncatedTexts();
    return checked(encoded, request.videos());
  }

  /** The reference skips layers for the prompt only. */
  private Tensor encodeNegativePrompts(long tokens) {
    List<String> texts = negativePrompts();
    Tensor encoded =
        checked(components.textEncoder().encode(texts, 0, Math.toIntExact(tokens)), texts.size());
    return encoded.expand(request.videos(), encoded.size(1), encoded.size(2));
  }

  private List<String> negativePrompts() {
    return request.negativePrompts().isEmpty() ? List.of("") : request.negativePrompts();
  }

  /** Prompts and negative prompts get as many chunks as the longest of them needs. */
  private Tensor encodeInChunks(boolean guided) {
    PromptEncoder encoder = new PromptEncoder(components.textEncoder(), request.promptSyntax());
    truncatedTexts = Collections.nCopies(request.videos(), "");
    try (TensorScope scope = TensorScope.open()) {
      List<PromptTokens> prompts = encoder.tokenize(request.prompts());
      List<PromptTokens> negative = guided ? encoder.tokenize(negativePrompts()) : List.of();
      int chunks = Math.max(PromptEncoder.chunks(prompts), PromptEncoder.chunks(negative));
      Tensor positives = toDenoiserDevice(encoder.encode(prompts, chunks, request.clipSkip()));
      finite.check(positives, ENCODER, DAMAGED);
      if (!guided) {
        return scope.keep(positives);
      }
      Tensor negatives = toDenoiserDevice(encoder.encode(negative, chunks, 0));
      finite.check(negatives, ENCODER, DAMAGED);
      Tensor ofEach = negatives.expand(HostTensors.shape(positives));
      return scope.keep(torch.cat(new TensorVector(ofEach, positives), 0));
    }
  }

  private Tensor checked(EncodedText encoded, int texts) {
    TextEncoder encoder = components.textEncoder();
    checkState(encoded != null, "%s.encode returned null", encoder.getClass().getName());
    Tensor embeddings = encoded.embeddings();
    long tokens = embeddings.dim() == 3 ? embeddings.size(1) : encoder.maxTokens();
    PlugInResult.check(embeddings, encoder, "encode", null, texts, tokens, encoder.width());
    finite.check(embeddings, ENCODER, DAMAGED);
    return embeddings;
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
      return scope.keep(toDenoiserDevice(gaussian).mul(new Scalar(plan.initialNoiseScale())));
    }
  }

  /** Embeddings and latents of a request, and cached embeddings, lie in the host's memory. */
  private Tensor toDenoiserDevice(Tensor x) {
    return ComputeConfig.on(components.denoiser().device(), Precision.FLOAT32).toCompute(x);
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
        finite.check(output, "The prediction of the denoiser " + stepName(i, steps), LESS_PRECISE);
        Tensor next = step(plan, output, i, latents, noise);
        finite.check(next, "The result of " + schedulerName() + " " + stepName(i, steps), SOLVER);
        latents.close();
        latents = scope.keep(VideoLayout.unfoldFrames(next, request.frames()));
      }
      tracker.show(Phase.DENOISE, i + 1, steps, previewer.after(i + 1, plan, latents));
    }
    return latents;
  }

  private static String stepName(int index, int steps) {
    return "in step " + (index + 1) + " of " + steps;
  }

  private String schedulerName() {
    return components.scheduler().name();
  }

  /** One step of the scheduler, which sees frames as a batch of images. */
  private static Tensor step(
      SamplingPlan plan, Tensor output, int index, Tensor latents, SeededNoise noise) {
    Tensor prediction = VideoLayout.foldFrames(output);
    Tensor current = VideoLayout.foldFrames(latents);
    Fingerprint before = Fingerprint.of(plan, prediction, current);
    Tensor next = plan.step(prediction, index, current, noise);
    PlugInResult.check(next, plan, "step", null, HostTensors.shape(current));
    before.requireUnchanged(plan, "step", prediction, current);
    return next;
  }

  /**
   * One frame at a time: frames are independent, and memory does not grow with the clip.
   *
   * @throws UncheckedIOException if the sink fails
   */
  private void decode(Tensor latents, FrameSink sink, ProgressTracker tracker) {
    try (VaeDecoder.Hold hold = components.vaeDecoder().hold();
        TensorScope scope = TensorScope.open()) {
      Tensor folded = VideoLayout.foldFrames(latents);
      int count = Math.toIntExact(folded.size(0));
      tracker.begin(Phase.DECODE, count);
      for (int i = 0; i < count; i++) {
        if (i % request.frames() == 0) {
          sink.begin(videoInfo(i / request.frames(), tracker));
        }
        try (TensorScope one = TensorScope.open()) {
          Tensor image = decodeFrame(folded.narrow(0, i, 1), i);
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

  private Tensor decodeFrame(Tensor latents, int index) {
    VaeDecoder decoder = components.vaeDecoder();
    int factor = decoder.scaleFactor();
    Tensor image =
        PlugInResult.check(
            decoder.decode(latents),
            decoder,
            "decode",
            null,
            1,
            3,
            (long) size.height() * factor,
            (long) size.width() * factor);
    finite.check(image, "Frame " + index + " of the decoder", LESS_PRECISE);
    return image;
  }

  private VideoInfo videoInfo(int video, ProgressTracker tracker) {
    int factor = components.vaeDecoder().scaleFactor();
    return new VideoInfo(
        size.width() * factor,
        size.height() * factor,
        request.frames(),
        request.framesPerSecond(),
        new Provenance(
            ProvenanceProperties.of(
                request, video, seeds.get(video), truncatedTexts, components.scheduler(), origin),
            tracker.timings()));
  }
}
