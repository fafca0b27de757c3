package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Suppliers;
import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.MissingNativesException;
import io.t2v.device.Precision;
import io.t2v.hub.HubModel;
import io.t2v.hub.HubSnapshot;
import io.t2v.internal.autoencoder.LatentRgbFactors;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.pipeline.ExecutionContext;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PipelineFactory;
import io.t2v.internal.torch.AllocationFailure;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.Devices;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.text.TextEncoder;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeTiling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A text-to-video model, ready to generate: heavy to make, made to be kept and shared.
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
 * <p>Making it checks the checkpoint but reads no weights: that happens in the first generation,
 * and the weights then stay.
 *
 * <p>Safe for use by many threads. Generations that run at the same time share the weights; each
 * computes with as many threads as the pipeline was given, so the number of generations times the
 * number of threads should not exceed the number of processors.
 *
 * @see <a href="https://arxiv.org/abs/2308.06571">ModelScope Text-to-Video Technical Report</a>
 */
public final class TextToVideoPipeline implements AutoCloseable {
  private final PipelineComponents components;
  private final Map<String, Object> origin;
  private final Supplier<LatentRgbFactors> colours;
  private final ExecutionContext workplace;
  private final List<Thread> running = new ArrayList<>();
  private volatile boolean closing;

  private TextToVideoPipeline(
      PipelineComponents components, Map<String, Object> origin, ExecutionContext workplace) {
    this.components = components;
    this.origin = origin;
    this.colours = Suppliers.memoize(() -> LatentRgbFactors.fit(components.vaeDecoder()));
    this.workplace = workplace;
  }

  /**
   * Starts a pipeline.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
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
   * @throws IllegalStateException if this pipeline is closed
   */
  public Generation prepare(GenerationRequest request) {
    requireOpen();
    latentSize(request);
    try (ComputeScope scope = workplace.open()) {
      requireFit(request);
    }
    MemoryPlan plan = plan(request);
    if (!plan.fits()) {
      throw new InsufficientMemoryException(plan);
    }
    return new Generation(this, request);
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
    return components.memory().plan(workload(request));
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
    return components.memory().planWith(policy, workload(request));
  }

  private Workload workload(GenerationRequest request) {
    LatentSize size = latentSize(request);
    return new Workload(
        request.videos(), request.isGuided(), request.frames(), size.height(), size.width(), 1);
  }

  /**
   * Returns with how many threads one generation computes.
   *
   * @return at least 1
   */
  public int threads() {
    return workplace.threads();
  }

  /**
   * Returns how many frames the checkpoint names for its videos. A request without a word on frames
   * has {@link GenerationRequest#DEFAULT_FRAMES} all the same.
   *
   * @return {@code max_frames} of a checkpoint in ModelScope's layout; {@link
   *     GenerationRequest#DEFAULT_FRAMES} where none are named
   */
  public int checkpointFrames() {
    return components.frames();
  }

  private void requireFit(GenerationRequest request) {
    try (SamplingPlan plan =
        components.scheduler().plan(new PlanRequest(request.steps(), request.eta()))) {
      checkArgument(
          plan.timesteps().length > 0,
          "%s has no timestep for steps = %s",
          components.scheduler().name(),
          request.steps());
    }
    TextEncoder encoder = components.textEncoder();
    checkArgument(
        request.clipSkip() <= encoder.maxClipSkip(),
        "clipSkip is %s, expected at most %s: the text encoder has no more layers",
        request.clipSkip(),
        encoder.maxClipSkip());
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
                  !request.isGuided()
                      || request.negativeEmbeddings().isPresent()
                      || (embeddings.shape()[1] >= 2
                          && embeddings.shape()[1] <= encoder.maxTokens()),
                  "embeddings are %s, but the text encoder makes 2 to %s tokens: give"
                      + " negativeEmbeddings as well",
                  embeddings,
                  encoder.maxTokens());
            });
    if (request.isGuided() && request.embeddings().isEmpty()) {
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

  private LatentSize latentSize(GenerationRequest request) {
    int factor = components.vaeDecoder().scaleFactor();
    LatentSize own = components.denoiser().sampleSize().orElse(new LatentSize(0, 0));
    int width = request.width().orElse(own.width() * factor);
    int height = request.height().orElse(own.height() * factor);
    checkArgument(
        width > 0 && height > 0,
        "the checkpoint names no size: set it on the request, for example size(256, 256)");
    requireMultiple("width", width, factor);
    requireMultiple("height", height, factor);
    LatentSize size = new LatentSize(height / factor, width / factor);
    request
        .latents()
        .ifPresent(
            latents ->
                checkArgument(
                    latents.hasShape(
                        request.videos(),
                        components.denoiser().inChannels(),
                        request.frames(),
                        size.height(),
                        size.width()),
                    "latents are %s, expected [%s, %s, %s, %s, %s]",
                    latents,
                    request.videos(),
                    components.denoiser().inChannels(),
                    request.frames(),
                    size.height(),
                    size.width()));
    return size;
  }

  VideoInfo clip(GenerationRequest request) {
    LatentSize size = latentSize(request);
    int factor = components.vaeDecoder().scaleFactor();
    return new VideoInfo(
        size.width() * factor,
        size.height() * factor,
        request.frames(),
        request.framesPerSecond(),
        Provenance.unknown());
  }

  private static void requireMultiple(String name, int value, int factor) {
    int below = Math.max(factor, value / factor * factor);
    checkArgument(
        value % factor == 0,
        "%s is %s, expected a multiple of %s, such as %s or %s",
        name,
        value,
        factor,
        below,
        below + factor);
  }

  <T> T run(Generation generation, Function<GenerationRun, T> work) {
    start();
    try (ComputeScope scope = workplace.open()) {
      return work.apply(
          new GenerationRun(
              components,
              generation.request(),
              latentSize(generation.request()),
              origin,
              generation.listener(),
              new Previewer(
                  generation.previews(),
                  components.vaeDecoder(),
                  colours,
                  generation.request().framesPerSecond()),
              plan(generation.request()).clipsTogether(),
              () -> requireWanted(generation)));
    } catch (RuntimeException e) {
      throw explained(e, generation.request());
    } finally {
      finish();
    }
  }

  /** Called when everything that the generation had taken is free again. */
  private RuntimeException explained(RuntimeException failure, GenerationRequest request) {
    Optional<String> outOfMemory = AllocationFailure.text(failure);
    if (outOfMemory.isEmpty()) {
      return failure;
    }
    workplace.tidy();
    return new InsufficientMemoryException(
        outOfMemory.get(), components.memory().plan(workload(request)), failure);
  }

  private synchronized void start() {
    requireOpen();
    running.add(Thread.currentThread());
  }

  private synchronized void finish() {
    running.remove(Thread.currentThread());
    if (running.isEmpty()) {
      workplace.rest();
    }
    notifyAll();
  }

  private void requireOpen() {
    checkState(!closing, "this pipeline is closed");
  }

  private void requireWanted(Generation generation) {
    if (generation.isCancelled()) {
      throw new GenerationCancelledException("the generation was cancelled by its token");
    }
    if (closing) {
      throw new GenerationCancelledException("the pipeline was closed during the generation");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new GenerationCancelledException("the thread of the generation was interrupted");
    }
  }

  /**
   * Cancels running generations, waits until they have stopped (each does so within one block of
   * the network), frees the components that this pipeline made, and hands the memory of a device
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
      closeAll(components.owned());
    } finally {
      workplace.tidy();
    }
  }

  /** Closes all of them, also after one has failed. */
  private static void closeAll(List<AutoCloseable> owned) {
    IllegalStateException failure = null;
    for (AutoCloseable component : owned) {
      try {
        component.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("could not close " + component, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Collects what a pipeline is made of. Each setter checks its value at once, and can be called
   * once. Not thread-safe.
   */
  public static final class Builder {
    private @Nullable Path checkpoint;
    private @Nullable HubModel hubModel;
    @Nullable String variant;
    @Nullable Path vaeSource;
    @Nullable Path unetWeights;
    @Nullable SchedulerFactory scheduler;
    boolean schedulerIsConfigured;
    @Nullable TextEncoder textEncoder;
    @Nullable Unet3dDenoiser denoiser;
    @Nullable VaeDecoder vaeDecoder;
    @Nullable VaeTiling vaeTiling;
    @Nullable OffloadPolicy offload;
    private ComputeDevice device = ComputeDevice.cpu();
    private boolean deviceIsSet;
    final Map<Component, Precision> precisions = new EnumMap<>(Component.class);
    @Nullable Precision precision;
    @Nullable Boolean cudaGraphs;
    long memoryLimit;
    private int threads;

    private Builder() {}

    /**
     * Sets the folder of a checkpoint. Needed, unless every component is given. What is given to
     * this builder may be missing in the checkpoint.
     *
     * @param checkpoint a folder in diffusers' layout, with a {@code model_index.json}, or in
     *     ModelScope's, with a {@code configuration.json} or weights at its top; weights as
     *     safetensors or as PyTorch's pickles, which are read and never executed
     * @return this builder
     */
    public Builder checkpoint(Path checkpoint) {
      requireNoCheckpoint();
      this.checkpoint = checkpoint;
      return this;
    }

    /**
     * Names a checkpoint on Hugging Face's hub: it is taken from the cache that Python's {@code
     * huggingface_hub} uses, or downloaded into it by {@link #build}.
     *
     * @param name organisation and model, such as {@code ali-vilab/text-to-video-ms-1.7b}
     * @return this builder
     * @throws IllegalArgumentException if it is no such name; a folder is given as a {@link Path}
     * @see #checkpoint(HubModel)
     */
    public Builder checkpoint(String name) {
      return checkpoint(HubModel.of(name));
    }

    /**
     * Names a checkpoint on a hub, with a revision, a token, or a listener for the download.
     *
     * @param model to be taken from the cache, or downloaded by {@link #build}: only the files that
     *     are needed, in the {@linkplain #variant variant} of this builder
     * @return this builder
     */
    public Builder checkpoint(HubModel model) {
      requireNoCheckpoint();
      this.hubModel = model;
      return this;
    }

    private void requireNoCheckpoint() {
      requireUnset("checkpoint", checkpoint == null ? hubModel : checkpoint);
    }

    /**
     * Sets which of several sets of weights to take. Default: the plain one. A component without
     * this variant has its plain weights taken, as long as another has it. On the CPU all are
     * computed in float32.
     *
     * @param variant the word in their names, such as {@code fp16}; not blank
     * @return this builder
     * @throws IllegalArgumentException if it is blank
     */
    public Builder variant(String variant) {
      requireUnset("variant", this.variant);
      checkArgument(!variant.isBlank(), "variant is blank, expected a word such as fp16");
      this.variant = variant;
      return this;
    }

    /**
     * Takes the autoencoder from elsewhere than the checkpoint, which may lack one.
     *
     * @param source a checkpoint, of this or another kind of model, with a folder {@code vae}; or
     *     the folder of an autoencoder, with its {@code config.json}
     * @return this builder
     */
    public Builder vaeFrom(Path source) {
      requireUnset("vaeFrom", vaeSource);
      vaeSource = source;
      return this;
    }

    /**
     * Puts the weights of another UNet over the checkpoint's, whose options they have to fit.
     *
     * @param file as safetensors, or of PyTorch's {@code torch.save}: a fine-tuned UNet as a single
     *     file
     * @return this builder
     */
    public Builder unetWeights(Path file) {
      requireUnset("unetWeights", unetWeights);
      unetWeights = file;
      return this;
    }

    /**
     * Sets a kind of scheduler, to be made on the checkpoint's noise schedule. Default: the
     * checkpoint's own scheduler.
     *
     * @param scheduler such as {@code DpmSolverMultistepScheduler::fromConfig}
     * @return this builder
     */
    public Builder scheduler(SchedulerFactory scheduler) {
      requireUnset("scheduler", this.scheduler);
      this.scheduler = scheduler;
      return this;
    }

    /**
     * Sets a scheduler with its own noise schedule. The checkpoint's is not looked at.
     *
     * @param scheduler which may serve other pipelines as well
     * @return this builder
     */
    public Builder scheduler(Scheduler scheduler) {
      scheduler((SchedulerFactory) config -> scheduler);
      schedulerIsConfigured = true;
      return this;
    }

    /**
     * Sets a text encoder in place of the checkpoint's. It stays the caller's to close.
     *
     * @param textEncoder whose width is the denoiser's
     * @return this builder
     */
    public Builder textEncoder(TextEncoder textEncoder) {
      requireUnset("textEncoder", this.textEncoder);
      this.textEncoder = textEncoder;
      return this;
    }

    /**
     * Sets a denoiser in place of the checkpoint's. It stays the caller's to close.
     *
     * @param denoiser whose channels are the decoder's
     * @return this builder
     */
    public Builder denoiser(Unet3dDenoiser denoiser) {
      requireUnset("denoiser", this.denoiser);
      this.denoiser = denoiser;
      return this;
    }

    /**
     * Sets a decoder in place of the checkpoint's. It stays the caller's to close.
     *
     * @param vaeDecoder whose channels are the denoiser's
     * @return this builder
     */
    public Builder vaeDecoder(VaeDecoder vaeDecoder) {
      requireUnset("vaeDecoder", this.vaeDecoder);
      this.vaeDecoder = vaeDecoder;
      return this;
    }

    /**
     * Sets how the checkpoint's decoder cuts large frames into tiles, which bounds its memory and
     * changes frames slightly. Default: frames are decoded whole, one at a time.
     *
     * @param vaeTiling size and overlap of the tiles
     * @return this builder
     */
    public Builder vaeTiling(VaeTiling vaeTiling) {
      requireUnset("vaeTiling", this.vaeTiling);
      this.vaeTiling = vaeTiling;
      return this;
    }

    /**
     * Sets when the weights of each network are in memory. Default: {@link OffloadPolicy#none()}.
     * Components that were given to this builder look after their own memory.
     *
     * @param offload such as {@code OffloadPolicy.disk()}
     * @return this builder
     */
    public Builder offload(OffloadPolicy offload) {
      requireUnset("offload", this.offload);
      this.offload = offload;
      return this;
    }

    /**
     * Sets where the networks compute. Default: the processor. {@link ComputeDevice#auto} takes the best
     * device that is there, and logs why.
     *
     * <p>GPUs need libtorch's GPU natives on the class path, and CUDA on the system: docs/gpu.md.
     *
     * @param device such as {@code ComputeDevice.cuda(0)}
     * @return this builder
     */
    public Builder device(ComputeDevice device) {
      checkState(!deviceIsSet, "device is set already");
      this.device = device;
      deviceIsSet = true;
      return this;
    }

    /**
     * Sets the numbers in which all networks compute, whatever the checkpoint holds. Default: the
     * {@linkplain Precision#defaultFor device's}, float32 on the processor. Between networks, and
     * in the scheduler, numbers are float32 in any case.
     *
     * @param precision of all components that have none of their own
     * @return this builder
     */
    public Builder precision(Precision precision) {
      requireUnset("precision", this.precision);
      this.precision = precision;
      return this;
    }

    /**
     * Sets the numbers in which one network computes.
     *
     * @param component such as the decoder, which may stay in float32 where others do not
     * @param precision of this component
     * @return this builder
     */
    public Builder precision(Component component, Precision precision) {
      requireUnset("precision of " + component, precisions.putIfAbsent(component, precision));
      return this;
    }

    /**
     * Sets whether the denoiser's steps are recorded as a CUDA graph: the second step of a
     * generation is recorded and all that follow are replayed, which saves the time that thousands
     * of calls take, and costs as much memory again as a step's features take. Default: false, as
     * this has not been seen to work on a GPU yet: it was written without one.
     *
     * <p>Where it is not possible, the steps are computed as always, and a warning is logged: on
     * other devices, with policies by which the denoiser's layers come and go, and where the device
     * refuses. Progress is then told once a step, not after each block, and a generation is
     * cancelled between steps.
     *
     * @param cudaGraphs true to record
     * @return this builder
     */
    public Builder cudaGraphs(boolean cudaGraphs) {
      requireUnset("cudaGraphs", this.cudaGraphs);
      this.cudaGraphs = cudaGraphs;
      return this;
    }

    /**
     * Sets the most memory that the networks may take together, weights and activations. Default:
     * what the machine, or the container, has left. Requests that need more are refused before
     * anything is computed, and {@link OffloadPolicy#auto} chooses by it.
     *
     * @param bytes at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder memoryLimit(long bytes) {
      checkArgument(bytes >= 1, "memoryLimit is %s, expected at least 1", bytes);
      checkState(memoryLimit == 0, "memoryLimit is set already");
      memoryLimit = bytes;
      return this;
    }

    /**
     * Sets the number of threads that one generation computes with. Default: the number of
     * processors that libtorch and this JVM both see.
     *
     * @param threads at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder threads(int threads) {
      checkArgument(threads >= 1, "threads is %s, expected at least 1", threads);
      checkState(this.threads == 0, "threads is set already");
      this.threads = threads;
      return this;
    }

    private static void requireUnset(String name, @Nullable Object value) {
      checkState(value == null, "%s is set already", name);
    }

    /**
     * Opens the checkpoint and checks that everything fits together. Weights are not read yet.
     *
     * <p>A checkpoint that was named is downloaded first, if it is not on this machine: several
     * gigabytes. {@link HubModel} tells its listener how far that is, and how to stop it.
     *
     * @return the pipeline, which the caller closes
     * @throws IllegalStateException if something is missing; the message names all of it
     * @throws io.t2v.hub.HubException if the checkpoint was named, and cannot be had
     * @throws java.util.concurrent.CancellationException if its download was cancelled
     * @throws io.t2v.checkpoint.CheckpointException if the checkpoint is damaged, or of another
     *     kind
     * @throws IllegalArgumentException if components do not fit together, or the scheduler refuses
     *     its configuration
     * @throws MissingNativesException if libtorch's natives are not on the class path
     * @throws DeviceUnavailableException if the device is not there; the message names the cure
     */
    public TextToVideoPipeline build() {
      requireEverything();
      ComputeDevice used = Devices.resolve(device);
      HubSnapshot snapshot = hubModel == null ? null : hubModel.download(variant);
      Path folder = snapshot == null ? checkpoint : snapshot.folder();
      int chosenThreads = threads == 0 ? TorchRuntime.defaultThreads() : threads;
      List<AutoCloseable> owned = new ArrayList<>();
      try (ComputeScope scope = ComputeScope.open(chosenThreads, used)) {
        PipelineFactory assembly = new PipelineFactory(this, used);
        PipelineComponents components = assembly.components(folder, owned);
        requireSame(
            "text width",
            "the text encoder's",
            components.textEncoder().width(),
            "the denoiser's",
            components.denoiser().textWidth());
        requireSame(
            "number of latent channels",
            "the denoiser's",
            components.denoiser().inChannels(),
            "the decoder's",
            components.vaeDecoder().latentChannels());
        requireSame(
            "number of latent channels",
            "the denoiser's",
            components.denoiser().inChannels(),
            "its prediction's",
            components.denoiser().outChannels());
        return new TextToVideoPipeline(
            components,
            assembly.origin(snapshot == null ? folder : snapshot),
            new ExecutionContext(used, chosenThreads, components.denoiserStays()));
      } catch (RuntimeException | Error e) {
        closeAll(owned);
        throw e;
      }
    }

    private void requireEverything() {
      checkState(
          vaeTiling == null || vaeDecoder == null,
          "vaeTiling is set together with vaeDecoder, which cuts frames as it was made to");
      checkState(
          vaeSource == null || vaeDecoder == null,
          "vaeFrom is set together with vaeDecoder: expected one of them");
      checkState(
          unetWeights == null || denoiser == null,
          "unetWeights is set together with denoiser: expected one of them");
      checkState(
          cudaGraphs == null || denoiser == null,
          "cudaGraphs is set together with denoiser, which computes as it was made to");
      if (checkpoint != null || hubModel != null) {
        return;
      }
      Map<String, @Nullable Object> parts = new LinkedHashMap<>();
      parts.put("textEncoder", textEncoder);
      parts.put("denoiser", denoiser);
      parts.put("vaeDecoder", vaeDecoder);
      parts.put("scheduler", scheduler);
      List<String> missing =
          parts.keySet().stream().filter(name -> parts.get(name) == null).toList();
      checkState(
          missing.isEmpty(),
          "%s not set: give a checkpoint, or each of them",
          String.join(", ", missing) + (missing.size() == 1 ? " is" : " are"));
      checkState(variant == null, "variant is set, but no checkpoint");
      checkState(vaeSource == null, "vaeFrom is set, but no checkpoint");
      checkState(unetWeights == null, "unetWeights is set, but no checkpoint");
      checkState(offload == null, "offload is set, but no checkpoint");
      checkState(cudaGraphs == null, "cudaGraphs is set, but no checkpoint");
      checkState(memoryLimit == 0, "memoryLimit is set, but no checkpoint");
      checkState(!deviceIsSet, "device is set, but no checkpoint");
      checkState(precision == null && precisions.isEmpty(), "precision is set, but no checkpoint");
    }

    private static void requireSame(
        String what, String firstOwner, int first, String secondOwner, int second) {
      checkArgument(
          first == second,
          "the %s differs: %s is %s, %s is %s",
          what,
          firstOwner,
          first,
          secondOwner,
          second);
    }
  }
}
