package io.t2v;

import io.t2v.Progress.Phase;
import io.t2v.guidance.GuidanceRun;
import io.t2v.internal.pipeline.GuidanceEmbedding;
import io.t2v.internal.pipeline.GuidedDenoiser;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.pipeline.SeededNoise;
import io.t2v.internal.pipeline.Shortcuts;
import io.t2v.internal.pipeline.StepTexts;
import io.t2v.internal.pipeline.WindowedDenoiser;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.unet.Conditioning;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of a request, from the prompt to frames or latents. Used once, within a compute scope.
 */
final class GenerationRun {
  private static final String LESS_PRECISE =
      "Compute this network with Precision.FLOAT32, or BFLOAT16 in place of FLOAT16; if it does so"
          + " already, the weights may be damaged.";
  private static final String LESS_PRECISE_OR_EXTREME =
      LESS_PRECISE + " An extreme guidance scale, FreeU factor or adapter scale overflows as well.";
  private static final String SOLVER =
      "The prediction was finite: try more steps or another scheduler.";

  private final RunSetup setup;
  private final PipelineComponents components;
  private final GenerationRequest request;
  private final RunObserver observer;
  private final RunSaving saving;
  private final FiniteCheck finite;
  private final ContentGate gate;
  private final MeasuredSpeed speed;
  private final List<Long> seeds;
  private final RequestTextEncoder textEncoder;

  GenerationRun(
      RunSetup setup,
      RunObserver observer,
      RunSaving saving,
      FiniteCheck finite,
      ContentGate gate,
      MeasuredSpeed speed) {
    this.setup = setup;
    this.components = setup.components();
    this.request = setup.request();
    this.observer = observer;
    this.saving = saving;
    this.finite = finite;
    this.gate = gate;
    this.speed = speed;
    seeds = saving.resumed().map(SavedRun::seeds).orElseGet(() -> seedOfEachVideo(request));
    textEncoder = new RequestTextEncoder(components, request, finite);
  }

  private static List<Long> seedOfEachVideo(GenerationRequest request) {
    return request.seeds().isEmpty()
        ? GenerationSeeds.draw(request.videos())
        : GenerationSeeds.ofEach(request.seeds(), request.videos());
  }

  List<Video> videos() {
    try (SamplingPlan plan = plan()) {
      RunSteps steps = RunSteps.of(request, components, plan);
      ProgressTracker tracker = tracker(steps, true);
      VideoCollector collector = new VideoCollector();
      decode(latents(steps, tracker), collector.sink(), tracker);
      learn(steps, tracker);
      return collector.videos(tracker.timings());
    }
  }

  /** Hands each frame on as soon as it is decoded, and returns what is known of the videos then. */
  List<VideoInfo> frames(FrameSink sink) {
    try (SamplingPlan plan = plan()) {
      RunSteps steps = RunSteps.of(request, components, plan);
      ProgressTracker tracker = tracker(steps, true);
      decode(latents(steps, tracker), sink, tracker);
      learn(steps, tracker);
      return IntStream.range(0, request.videos())
          .mapToObj(video -> videoInfo(video, tracker))
          .toList();
    }
  }

  NdArray latents() {
    try (SamplingPlan plan = plan()) {
      RunSteps steps = RunSteps.of(request, components, plan);
      ProgressTracker tracker = tracker(steps, false);
      Tensor latents = latents(steps, tracker);
      learn(steps, tracker);
      return NdArray.of(latents);
    }
  }

  private SamplingPlan plan() {
    return RunSteps.plan(request, components.scheduler());
  }

  private ProgressTracker tracker(RunSteps steps, boolean decodes) {
    RunWork work = work(steps, decodes);
    return new ProgressTracker(
        work,
        speed.expected(work),
        encodesImages(),
        decodes,
        observer.listener(),
        observer.cancellationCheck(),
        System::nanoTime);
  }

  private RunWork work(RunSteps steps, boolean decodes) {
    return RunWork.of(request, components, steps, setup.size(), decodes);
  }

  /** Not from runs of which less was computed than foreseen. */
  private void learn(RunSteps steps, ProgressTracker tracker) {
    if (saving.resumed().isEmpty() && request.acceleration().guidanceAgreement() == 1) {
      speed.learn(work(steps, true), tracker.timeOfPhases());
    }
  }

  private boolean encodesImages() {
    return saving.resumed().isPresent() ? !request.keyFrames().isEmpty() : request.encodesImages();
  }

  /**
   * Encodes the prompt and what the run starts from, draws the initial noise, and denoises step by
   * step.
   */
  private Tensor latents(RunSteps steps, ProgressTracker tracker) {
    try (SeededNoise noise = new SeededNoise(seeds)) {
      if (steps.isEmpty()) {
        StartLatents start = encodeStart(tracker);
        try (LatentConstraints constraints = constraints(start, steps)) {
          return constraints.apply(start.withoutNoise(noise), steps.start(), steps.plan(), noise);
        }
      }
      if (saving.stepsDone() == steps.count()) {
        return RunState.latents(savedTensors());
      }
      StepTexts texts =
          tracker.phase(
              Phase.ENCODE_TEXT,
              request.videos(),
              () -> textEncoder.encode(steps.count(), steps.guidance().any()));
      StartLatents start = encodeStart(tracker);
      try (LatentConstraints constraints = constraints(start, steps)) {
        return denoise(start, steps, texts, constraints, noise, tracker);
      }
    }
  }

  private StartLatents encodeStart(ProgressTracker tracker) {
    List<Video> videos = saving.resumed().isPresent() ? List.of() : request.initVideos();
    return StartLatents.encode(components, request, videos, setup.size(), finite, tracker);
  }

  private LatentConstraints constraints(StartLatents start, RunSteps steps) {
    return LatentConstraints.of(request.constraint(), start.heldFrames(steps.start()));
  }

  /** Those of the saved run, on the denoiser's device, of the innermost open scope. */
  private Map<String, Tensor> savedTensors() {
    Map<String, Tensor> saved = new LinkedHashMap<>();
    saving
        .resumed()
        .orElseThrow()
        .tensors()
        .forEach((name, tensor) -> saved.put(name, components.runCompute().place(tensor)));
    return saved;
  }

  private Tensor denoise(
      StartLatents start,
      RunSteps steps,
      StepTexts texts,
      LatentConstraints constraints,
      SeededNoise noise,
      ProgressTracker tracker) {
    tracker.begin(Phase.PREPARE_DENOISER, 1);
    try (GuidanceRun guidance = steps.guidance().guidance().newRun();
        GuidedDenoiser denoiser =
            GuidedDenoiser.bind(
                denoiser(), steps.guidance(), guidance, shortcuts(), texts, conditioning(texts))) {
      tracker.end(Phase.PREPARE_DENOISER, 1);
      RunState state = new RunState(steps.plan(), guidance, denoiser, constraints, noise);
      Tensor first = saving.resumed().isPresent() ? resume(state) : begin(start, steps, state);
      tracker.begin(Phase.DENOISE, saving.stepsDone(), steps.count());
      Tensor end = denoise(first, denoiser, steps, state, tracker);
      tracker.end(Phase.DENOISE, steps.count());
      tracker.noteTimeBesideNetwork(denoiser.timeInNetwork());
      return end;
    }
  }

  private Conditioning conditioning(StepTexts texts) {
    Tensor guidance =
        components.embedsGuidance()
            ? GuidanceEmbedding.of(
                request.guidanceScale(), components.denoiser().guidanceEmbeddingWidth())
            : null;
    return new Conditioning(
        texts.texts().get(0), guidance, setup.memory().microBatch(), request.unetAdjustments());
  }

  private Shortcuts shortcuts() {
    return request.acceleration().shortcuts();
  }

  private static Tensor begin(StartLatents start, RunSteps steps, RunState state) {
    Tensor noisy = start.noisy(steps, state.noise());
    return state.constraints().apply(noisy, steps.start(), steps.plan(), state.noise());
  }

  /** Takes over what was saved, in place of random draws and of the steps that are done. */
  private Tensor resume(RunState state) {
    Map<String, Tensor> saved = savedTensors();
    state.loadStateDict(saved);
    return RunState.latents(saved);
  }

  /** The pipeline's, which a long video asks for one window at a time. */
  private Unet3dDenoiser denoiser() {
    return request
        .window()
        .map(window -> window.plan(request.frames()))
        .filter(plan -> !plan.isWholeClip())
        .<Unet3dDenoiser>map(
            plan -> new WindowedDenoiser(components.denoiser(), plan, saving.stepsDone()))
        .orElse(components.denoiser());
  }

  private Tensor denoise(
      Tensor start,
      GuidedDenoiser denoiser,
      RunSteps run,
      RunState state,
      ProgressTracker tracker) {
    SamplingPlan plan = run.plan();
    int steps = run.count();
    Tensor latents = start;
    for (int i = saving.stepsDone(); i < steps; i++) {
      int step = i;
      int index = run.start() + i;
      Optional<Preview> preview;
      try (TensorScope scope = TensorScope.open()) {
        Tensor scaled = plan.scaleModelInput(latents, index);
        Tensor output =
            denoiser.predict(
                scaled,
                i,
                (done, total) ->
                    tracker.advance(Phase.DENOISE, step, steps, (double) done / total));
        finite.check(
            output,
            "The prediction of the denoiser " + stepName(i, steps),
            LESS_PRECISE_OR_EXTREME);
        preview = observer.previewer().of(i, run, output, latents);
        Tensor next = step(plan, output, index, latents, state.noise());
        finite.check(next, "The result of " + schedulerName() + " " + stepName(i, steps), SOLVER);
        latents.close();
        Tensor unfolded = VideoLayout.unfoldFrames(next, request.frames());
        latents = scope.keep(state.constraints().apply(unfolded, index + 1, plan, state.noise()));
      }
      save(i + 1, steps, state, latents);
      tracker.show(Phase.DENOISE, i + 1, steps, preview);
    }
    return latents;
  }

  private void save(int step, int steps, RunState state, Tensor latents) {
    if (saving.file().isPresent()) {
      finite.finish(); // what is saved is finite
      saving.save(new SavedRun.Progress(step, steps, seeds, truncatedTexts()), state, latents);
    }
  }

  /** What did not fit into the text encoder, one a video. */
  private List<String> truncatedTexts() {
    return saving.resumed().map(SavedRun::truncatedTexts).orElseGet(textEncoder::truncatedTexts);
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
   * One frame at a time, or as many as the plan has: frames are independent, and memory does not
   * grow with the clip.
   *
   * @throws UncheckedIOException if the sink fails
   */
  private void decode(Tensor latents, FrameSink receiver, ProgressTracker tracker) {
    FrameSink sink = gate.guard(marked(receiver));
    try (VaeDecoder.Hold hold = components.vaeDecoder().hold();
        TensorScope scope = TensorScope.open()) {
      Tensor folded = VideoLayout.foldFrames(latents);
      int count = Math.toIntExact(folded.size(0));
      tracker.begin(Phase.DECODE, count);
      int decoded = 0;
      while (decoded < count) {
        int inVideo = decoded % request.frames();
        if (inVideo == 0) {
          sink.begin(videoInfo(decoded / request.frames(), tracker));
        }
        int together = Math.min(setup.memory().decodeBatch(), request.frames() - inVideo);
        try (TensorScope batch = TensorScope.open()) {
          Tensor images = decodeFrames(folded.narrow(0, decoded, together), decoded);
          for (byte[] frame : Frames.toRgb(images, request.pixelRounding())) {
            sink.frame(frame);
          }
        }
        decoded += together;
        if (decoded % request.frames() == 0) {
          sink.end();
        }
        tracker.advance(Phase.DECODE, decoded, count, 0);
      }
      tracker.end(Phase.DECODE, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the watermark, if one is wanted. */
  private FrameSink marked(FrameSink receiver) {
    return request.watermark().isEmpty()
        ? receiver
        : new MarkingSink(receiver, request.watermark().getAsLong());
  }

  /** first: index of the first of them, for messages. */
  private Tensor decodeFrames(Tensor latents, int first) {
    VaeDecoder decoder = components.vaeDecoder();
    int factor = decoder.scaleFactor();
    Tensor images =
        PlugInResult.check(
            decoder.decode(latents),
            decoder,
            "decode",
            null,
            latents.size(0),
            3,
            (long) setup.size().height() * factor,
            (long) setup.size().width() * factor);
    String last = latents.size(0) == 1 ? "" : ", or one of the next " + (latents.size(0) - 1) + ",";
    finite.check(images, "Frame " + first + last + " of the decoder", LESS_PRECISE);
    return images;
  }

  private VideoInfo videoInfo(int video, ProgressTracker tracker) {
    int factor = components.vaeDecoder().scaleFactor();
    return new VideoInfo(
        setup.size().width() * factor,
        setup.size().height() * factor,
        request.frames(),
        request.framesPerSecond(),
        new Provenance(
            ProvenanceProperties.of(
                request,
                video,
                seeds.get(video),
                truncatedTexts(),
                components.scheduler(),
                setup.origin()),
            tracker.timings()));
  }
}
