package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Suppliers;
import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointSummary;
import io.t2v.internal.autoencoder.LatentRgbFactors;
import io.t2v.internal.files.CheckpointInspector;
import io.t2v.internal.pipeline.Admission;
import io.t2v.internal.pipeline.ExecutionContext;
import io.t2v.internal.pipeline.MemoryAccount;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.SamplingPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A text-to-video model, ready to generate: expensive to build, and meant to be kept and shared.
 *
 * <pre>{@code
 * try (TextToVideoPipeline pipeline = TextToVideoPipeline.builder()
 *     .checkpoint(Path.of("text-to-video-ms-1.7b"))
 *     .scheduler(DpmSolverMultistepScheduler::fromConfig)
 *     .build()) {
 *   Video video = pipeline.generate(GenerationRequest.builder("A panda eating bamboo on a rock.")
 *       .steps(25).seed(42).build());
 * }
 * }</pre>
 *
 * <p>Building it checks the checkpoint but reads no weights. The first generation reads them, and
 * they stay in memory.
 *
 * <p>Safe for use by many threads. Generations that run at the same time share the weights; each
 * computes with as many threads as the pipeline was given, so the number of generations times the
 * number of threads should not exceed the number of CPUs.
 *
 * @see <a href="https://arxiv.org/abs/2308.06571">ModelScope Text-to-Video Technical Report</a>
 */
public final class TextToVideoPipeline implements AutoCloseable {
  private final PipelineComponents components;
  private final RequestCheck requests;
  private final Map<String, Object> origin;
  private final List<Adapter> adapters;
  private final Supplier<LatentRgbFactors> colors;
  private final ExecutionContext context;
  private final ContentGate gate;
  private final boolean checkFinite;
  private final int maxConcurrent;
  private final Duration admissionTimeout;
  private final MemoryAccount account;
  private final Admission admission;
  private final MeasuredSpeed speed = new MeasuredSpeed();
  private final List<Thread> running = new ArrayList<>();
  private volatile boolean closing;

  TextToVideoPipeline(
      PipelineComponents components,
      Map<String, Object> origin,
      List<Adapter> adapters,
      ExecutionContext context,
      ContentGate gate,
      boolean checkFinite,
      int maxConcurrent,
      Duration admissionTimeout) {
    this.components = components;
    this.requests = new RequestCheck(components);
    this.origin = origin;
    this.adapters = List.copyOf(adapters);
    this.colors = Suppliers.memoize(() -> LatentRgbFactors.fit(components.vaeDecoder()));
    this.context = context;
    this.gate = gate;
    this.checkFinite = checkFinite;
    this.maxConcurrent = maxConcurrent;
    this.admissionTimeout = admissionTimeout;
    account = MemoryAccount.of(context.device());
    admission = new Admission(maxConcurrent, admissionTimeout, account);
  }

  /**
   * Starts a pipeline.
   *
   * @return a builder
   */
  public static PipelineBuilder builder() {
    return new PipelineBuilder();
  }

  /**
   * Tells what a checkpoint is, from its configs and the headers of its weight files: of its plain
   * weights, or its only variant. Needs no natives.
   *
   * @param folder of a checkpoint
   * @return what it is; parts that are missing or damaged are named in it
   * @throws io.t2v.checkpoint.CheckpointException if there is no checkpoint, or one of another kind
   *     of model
   */
  public static CheckpointSummary inspect(Path folder) {
    return CheckpointInspector.inspect(folder, null);
  }

  /**
   * Tells what a checkpoint is, from its configs and the headers of its weight files. Needs no
   * natives.
   *
   * @param folder of a checkpoint
   * @param variant word in the names of the weight files, such as {@code fp16}; null for the plain
   *     ones, or for the only variant
   * @return what it is; parts that are missing or damaged are named in it
   * @throws io.t2v.checkpoint.CheckpointException if there is no checkpoint, or one of another kind
   *     of model
   */
  public static CheckpointSummary inspect(Path folder, @Nullable String variant) {
    return CheckpointInspector.inspect(folder, variant);
  }

  /**
   * Makes the same pipeline with other adapters. Both can be used at the same time: generations of
   * this one run on undisturbed.
   *
   * <p>The pipelines share what the adapters do not change: the open files, the decoder and the
   * encoder of frames, and the UNet or the text encoder if both pipelines add the same to its
   * weights. Each network that is not shared has weights of its own, which are read in the first
   * generation. Either pipeline may be closed first, and both have to be.
   *
   * @param others in place of this pipeline's; empty for the plain model
   * @return a pipeline, which the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if an adapter does not fit the checkpoint
   * @throws IllegalStateException if this pipeline is closed, or has no checkpoint
   */
  public TextToVideoPipeline withAdapters(List<Adapter> others) {
    requireOpen();
    ExecutionContext own = new ExecutionContext(context.device(), context.threads());
    try {
      return own.compute(
          () ->
              new TextToVideoPipeline(
                  components.withAdapters(Adapters.scaled(others)),
                  origin,
                  others,
                  own,
                  gate,
                  checkFinite,
                  maxConcurrent,
                  admissionTimeout));
    } catch (RuntimeException | Error e) {
      try {
        own.close();
      } catch (RuntimeException | Error closing) {
        e.addSuppressed(closing);
      }
      try {
        requireOpen();
      } catch (IllegalStateException closedMeanwhile) { // says more than what was missing then
        closedMeanwhile.addSuppressed(e);
        throw closedMeanwhile;
      }
      throw FailureTranslation.ofPreparation(e, "changing the adapters");
    }
  }

  /**
   * Returns the adapters of this pipeline.
   *
   * @return in the order in which they were given
   */
  public List<Adapter> adapters() {
    return adapters;
  }

  /**
   * Generates a video with the checkpoint's size and the defaults of {@link GenerationRequest}.
   *
   * @param prompt what the video shows; not blank
   * @return the video
   * @throws IllegalArgumentException if the prompt is blank, or the checkpoint names no size
   * @throws GenerationCancelledException if the thread was interrupted, or the pipeline closed
   */
  public Video generate(String prompt) {
    return generate(GenerationRequest.builder(prompt).build());
  }

  /**
   * Generates a video.
   *
   * @param request for one video
   * @return the video
   * @throws IllegalArgumentException if the request does not fit this model; nothing was computed
   * @throws InsufficientMemoryException if it does not fit into memory, in which case nothing was
   *     computed, or if memory runs out all the same
   * @throws ContentRefusedException if the content filter refused a prompt or a frame
   * @throws IllegalStateException if the request asks for several videos, or this pipeline is
   *     closed
   * @throws GenerationCancelledException if the thread was interrupted, or the pipeline closed
   */
  public Video generate(GenerationRequest request) {
    return prepare(request).toVideo();
  }

  /**
   * Generates the videos of a request with several prompts, computed together. Each is what a
   * request for it alone gives, up to rounding.
   *
   * @param request for any number of videos
   * @return one a prompt
   * @throws IllegalArgumentException if the request does not fit this model; nothing was computed
   * @throws InsufficientMemoryException if it does not fit into memory, in which case nothing was
   *     computed, or if memory runs out all the same
   * @throws ContentRefusedException if the content filter refused a prompt or a frame
   * @throws IllegalStateException if this pipeline is closed
   * @throws GenerationCancelledException if the thread was interrupted, or the pipeline closed
   */
  public List<Video> generateAll(GenerationRequest request) {
    return prepare(request).toVideos();
  }

  /**
   * Checks a request, for a run with listeners, or one that ends with latents.
   *
   * @param request for any number of videos
   * @return the run, not started yet
   * @throws IllegalArgumentException if the request does not fit this model
   * @throws InsufficientMemoryException if it does not fit into memory
   * @throws ContentRefusedException if the content filter refused a prompt
   * @throws IllegalStateException if this pipeline is closed
   */
  public Generation prepare(GenerationRequest request) {
    requireFit(request);
    return new Generation(this, gate.admit(request));
  }

  private void requireFit(GenerationRequest request) {
    requireOpen();
    requests.latentSize(request);
    try {
      context.compute(
          () -> {
            requests.check(request);
            return request;
          });
    } catch (RuntimeException | OutOfMemoryError e) {
      throw FailureTranslation.ofPreparation(e, "checking the request");
    }
    MemoryPlan plan = plan(request);
    if (!plan.fits() && account.reservedBytes() == 0) {
      throw new InsufficientMemoryException(plan);
    }
  }

  /**
   * Continues a saved run whose request holds nothing but text and numbers. For others, {@link
   * #prepare} the same request, and call {@link Generation#resume} on it.
   *
   * @param run of this model, by this version of the library
   * @return the run, not started yet; it begins after the steps that are done
   * @throws SavedRunException if it is a run of another model, version or setting of this pipeline
   *     (the message names what differs), or its request holds more than text and numbers
   * @throws InsufficientMemoryException if it does not fit into memory
   * @throws ContentRefusedException if the content filter refuses a prompt by now; prompts that it
   *     replaced before are not replaced once more
   * @throws IllegalStateException if this pipeline is closed
   */
  public Generation resume(SavedRun run) {
    GenerationRequest request = run.request();
    requireFit(request);
    return new Generation(this, gate.readmit(request, run.contentFilter())).resume(run);
  }

  /** Refuses what is not stateful. */
  void requireSavable(GenerationRequest request) {
    requireOpen();
    try {
      context.compute(
          () -> {
            requests.requireSavable(request);
            return request;
          });
    } catch (RuntimeException | OutOfMemoryError e) {
      throw FailureTranslation.ofPreparation(e, "checking the request");
    }
  }

  /** Of a run with the seeds of its videos. */
  RunSettings runSettings(GenerationRequest request, List<Long> seeds) {
    return RunSettings.of(
        request,
        videoInfo(request),
        seeds,
        components,
        Adapters.recordedIn(origin, adapters),
        gate.name());
  }

  /**
   * Works out the memory that a request takes, without computing anything.
   *
   * @param request for any number of videos
   * @return what the networks that this pipeline made itself take, and what is there
   * @throws IllegalArgumentException if the request's size does not fit this model
   * @throws IllegalStateException if this pipeline is closed
   */
  public MemoryPlan plan(GenerationRequest request) {
    requireOpen();
    return components.memory().plan(requests.workload(request));
  }

  /**
   * Works out the memory that a request would take with another offload policy than this
   * pipeline's, without computing anything.
   *
   * @param request for any number of videos
   * @param policy not {@link OffloadPolicy#auto}
   * @return what the networks that this pipeline made itself would take, and what is there
   * @throws IllegalArgumentException if the request's size does not fit this model
   * @throws IllegalStateException if this pipeline is closed
   */
  public MemoryPlan plan(GenerationRequest request, OffloadPolicy policy) {
    requireOpen();
    return components.memory().planWith(policy, requests.workload(request));
  }

  /**
   * Returns the number of threads that one generation computes with.
   *
   * @return at least 1
   */
  public int threads() {
    return context.threads();
  }

  /**
   * Returns the number of frames that the checkpoint names for its videos. A request that sets none
   * has {@link GenerationRequest#DEFAULT_FRAMES} all the same.
   *
   * @return {@code max_frames} of a checkpoint in ModelScope's layout; {@link
   *     GenerationRequest#DEFAULT_FRAMES} where none are named
   */
  public int checkpointFrames() {
    return components.frames().orElse(GenerationRequest.DEFAULT_FRAMES);
  }

  void requirePreviews(PreviewMode mode) {
    gate.requirePreviews(mode);
  }

  /** Pixels for one latent, along a side. */
  int scaleFactor() {
    return components.vaeDecoder().scaleFactor();
  }

  /** As {@link Generation#estimate}. */
  Optional<Duration> estimate(GenerationRequest request) {
    requireOpen();
    return context.compute(
        () -> {
          try (SamplingPlan plan = RunSteps.plan(request, components.scheduler())) {
            RunSteps steps = RunSteps.of(request, components, plan);
            return speed.total(
                RunWork.of(request, components, steps, requests.latentSize(request), true));
          }
        });
  }

  VideoInfo videoInfo(GenerationRequest request) {
    return requests.videoInfo(request);
  }

  <T> T run(Generation generation, Function<GenerationRun, T> work) {
    requireOpen();
    GenerationRequest request = generation.request();
    try (Admission.Permit permit =
        admission.enter(() -> plan(request), () -> checkNotCancelled(generation, () -> false))) {
      requireAdmitted(permit, request);
      return context.compute(
          callerInterrupted -> {
            start();
            try (FiniteCheck finite = new FiniteCheck(checkFinite)) {
              T result = work.apply(newRun(generation, finite, callerInterrupted));
              finite.finish();
              return result;
            } finally {
              finish();
            }
          });
    } catch (RuntimeException | OutOfMemoryError e) {
      // Everything that the generation had taken is free again.
      throw FailureTranslation.ofGeneration(e, () -> planAfterwards(request));
    }
  }

  private void requireAdmitted(Admission.Permit permit, GenerationRequest request) {
    switch (permit.outcome()) {
      case REFUSED -> throw new InsufficientMemoryException(plan(request));
      case TIMED_OUT ->
          throw new PipelineBusyException(
              "The generation waited longer than " + admissionTimeout + " for others to end.");
      case ADMITTED -> {}
    }
  }

  private GenerationRun newRun(
      Generation generation, FiniteCheck finite, BooleanSupplier callerInterrupted) {
    GenerationRequest request = generation.request();
    return new GenerationRun(
        new RunSetup(
            components,
            request,
            requests.latentSize(request),
            plan(request),
            Adapters.recordedIn(origin, adapters)),
        new RunObserver(
            generation.listener(),
            new Previewer(
                generation.previews(), components.vaeDecoder(), colors, request.framesPerSecond()),
            () -> checkNotCancelled(generation, callerInterrupted)),
        generation.saving(() -> runSettings(request, Collections.nCopies(request.videos(), 0L))),
        finite,
        gate,
        speed);
  }

  private MemoryPlan planAfterwards(GenerationRequest request) {
    context.emptyCache();
    return components.memory().plan(requests.workload(request));
  }

  /** Called by the thread that computes. */
  private synchronized void start() {
    requireOpen();
    running.add(Thread.currentThread());
  }

  private synchronized void finish() {
    running.remove(Thread.currentThread());
    if (running.isEmpty() && !components.denoiserStays()) {
      context.emptyCache();
    }
    notifyAll();
  }

  private void requireOpen() {
    checkState(!closing, "this pipeline is closed");
  }

  private void checkNotCancelled(Generation generation, BooleanSupplier callerInterrupted) {
    if (generation.isCancelled()) {
      throw new GenerationCancelledException("the generation was cancelled by its token");
    }
    if (closing) {
      throw new GenerationCancelledException("the pipeline was closed during the generation");
    }
    if (callerInterrupted.getAsBoolean() || Thread.currentThread().isInterrupted()) {
      throw new GenerationCancelledException("the thread of the generation was interrupted");
    }
  }

  /**
   * Cancels running generations, waits until they have stopped (each does so within one block of
   * the network), frees the components that this pipeline made, and gives the memory of a device
   * back. Closing twice is harmless.
   *
   * @throws IllegalStateException if it is called by a listener of a running generation, which
   *     would wait for itself
   */
  @Override
  public void close() {
    synchronized (this) {
      checkState(
          !running.contains(Thread.currentThread()),
          "close() was called from within a generation: cancel it by its token instead");
      closing = true;
      boolean interrupted = false;
      while (!running.isEmpty()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    try {
      components.close();
    } finally {
      context.emptyCache();
      context.close();
    }
  }
}
