package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.GpuOptimization;
import io.t2v.device.MissingNativesException;
import io.t2v.device.Precision;
import io.t2v.hub.HubModel;
import io.t2v.hub.HubSnapshot;
import io.t2v.internal.pipeline.ComponentPrecisions;
import io.t2v.internal.pipeline.ExecutionContext;
import io.t2v.internal.pipeline.FixedScheduler;
import io.t2v.internal.pipeline.PipelineFactory;
import io.t2v.internal.pipeline.PipelineSettings;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.internal.torch.Devices;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.text.TextEncoder;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeEncoder;
import io.t2v.vae.VaeTiling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link TextToVideoPipeline}. Each setter checks its value at once and
 * can be called once; {@link #build} reports everything that is missing or contradictory in one
 * message. Not thread-safe.
 */
public final class PipelineBuilder {
  /** How long a generation waits for others to end, unless set: one hour. */
  public static final Duration DEFAULT_ADMISSION_TIMEOUT = Duration.ofHours(1);

  /** As many as a common server has, so that a setting for one is valid on a laptop too. */
  private static final int MIN_THREAD_LIMIT = 64;

  private static final int THREADS_PER_CPU = 4;

  /** A {@link Path} or a {@link HubModel}. */
  private final Setting<Object> checkpoint = new Setting<>("checkpoint");

  private final Setting<String> variant = new Setting<>("variant");
  private final Setting<Path> vaeFrom = new Setting<>("vaeFrom");
  private final Setting<Path> unetWeights = new Setting<>("unetWeights");
  private final Setting<List<Path>> learnedWords = new Setting<>("learnedWords");
  private final List<Adapter> adapters = new ArrayList<>();
  private final Setting<SchedulerFactory> scheduler = new Setting<>("scheduler");
  private final Setting<TextEncoder> textEncoder = new Setting<>("textEncoder");
  private final Setting<UnaryOperator<TextEncoder>> textEncoderWrapper =
      new Setting<>("textEncoder wrapper");
  private final Setting<Unet3dDenoiser> denoiser = new Setting<>("denoiser");
  private final Setting<UnaryOperator<Unet3dDenoiser>> denoiserWrapper =
      new Setting<>("denoiser wrapper");
  private final Setting<VaeDecoder> vaeDecoder = new Setting<>("vaeDecoder");
  private final Setting<UnaryOperator<VaeDecoder>> vaeDecoderWrapper =
      new Setting<>("vaeDecoder wrapper");
  private final Setting<VaeEncoder> vaeEncoder = new Setting<>("vaeEncoder");
  private final Setting<UnaryOperator<VaeEncoder>> vaeEncoderWrapper =
      new Setting<>("vaeEncoder wrapper");
  private final Setting<VaeTiling> vaeTiling = new Setting<>("vaeTiling");
  private final Setting<OffloadPolicy> offload = new Setting<>("offload");
  private final Setting<ComputeDevice> device = new Setting<>("device");
  private final Setting<Precision> precision = new Setting<>("precision");
  private final Map<Component, Setting<Precision>> precisions = new EnumMap<>(Component.class);
  private final Setting<Boolean> cudaGraphs = new Setting<>("cudaGraphs");
  private final Setting<Set<GpuOptimization>> gpuOptimizations = new Setting<>("gpuOptimizations");
  private final Setting<Long> memoryLimit = new Setting<>("memoryLimit");
  private final Setting<Integer> threads = new Setting<>("threads");
  private final Setting<Boolean> checkFinite = new Setting<>("checkFinite");
  private final Setting<Boolean> strict = new Setting<>("strict");
  private final Setting<Integer> maxConcurrent = new Setting<>("maxConcurrent");
  private final Setting<Duration> admissionTimeout = new Setting<>("admissionTimeout");
  private final Setting<ContentFilter> contentFilter = new Setting<>("contentFilter");

  PipelineBuilder() {}

  /**
   * Sets the folder of a checkpoint. Needed, unless every component is given. What is given to this
   * builder may be missing in the checkpoint.
   *
   * @param checkpoint a folder in diffusers' layout, with a {@code model_index.json}, or in
   *     ModelScope's, with a {@code configuration.json} or weights at its top; weights as
   *     safetensors or as PyTorch's pickles, which are read and never executed
   * @return this builder
   */
  public PipelineBuilder checkpoint(Path checkpoint) {
    this.checkpoint.set(checkpoint);
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
  public PipelineBuilder checkpoint(String name) {
    return checkpoint(HubModel.of(name));
  }

  /**
   * Names a checkpoint on a hub, with a revision, a token, or a listener for the download.
   *
   * @param model to be taken from the cache, or downloaded by {@link #build}: only the files that
   *     are needed, in the {@linkplain #variant variant} of this builder
   * @return this builder
   */
  public PipelineBuilder checkpoint(HubModel model) {
    checkpoint.set(model);
    return this;
  }

  /**
   * Sets which of several sets of weights to take. Default: the plain one. A component without this
   * variant takes its plain weights, as long as another one has the variant. In which dtype they
   * compute is decided by {@link #precision(Precision)}.
   *
   * @param variant the word in their names, such as {@code fp16}; not blank
   * @return this builder
   * @throws IllegalArgumentException if it is blank
   */
  public PipelineBuilder variant(String variant) {
    checkArgument(!variant.isBlank(), "variant is blank, expected a word such as fp16");
    this.variant.set(variant);
    return this;
  }

  /**
   * Takes the autoencoder from elsewhere than the checkpoint, which may lack one.
   *
   * @param source a checkpoint, of this or another kind of model, with a folder {@code vae}; or the
   *     folder of an autoencoder, with its {@code config.json}
   * @return this builder
   */
  public PipelineBuilder vaeFrom(Path source) {
    vaeFrom.set(source);
    return this;
  }

  /**
   * Takes the weights of the UNet from a file of their own. They have to fit the config of the
   * checkpoint's UNet.
   *
   * @param file as safetensors, or of PyTorch's {@code torch.save}: a fine-tuned UNet as a single
   *     file
   * @return this builder
   */
  public PipelineBuilder unetWeights(Path file) {
    unetWeights.set(file);
    return this;
  }

  /**
   * Sets a kind of scheduler, to be made on the checkpoint's noise schedule. Default: the
   * checkpoint's own scheduler.
   *
   * @param scheduler such as {@code DpmSolverMultistepScheduler::fromConfig}
   * @return this builder
   */
  public PipelineBuilder scheduler(SchedulerFactory scheduler) {
    this.scheduler.set(scheduler);
    return this;
  }

  /**
   * Sets a scheduler with its own noise schedule. The checkpoint's is not looked at.
   *
   * @param scheduler which may serve other pipelines as well
   * @return this builder
   */
  public PipelineBuilder scheduler(Scheduler scheduler) {
    this.scheduler.set(new FixedScheduler(scheduler));
    return this;
  }

  /**
   * Sets a text encoder in place of the checkpoint's. It stays the caller's to close.
   *
   * @param textEncoder whose width is the denoiser's
   * @return this builder
   */
  public PipelineBuilder textEncoder(TextEncoder textEncoder) {
    this.textEncoder.set(textEncoder);
    return this;
  }

  /**
   * Wraps the checkpoint's own text encoder: memory plan, offload policy and precision stay as they
   * are. For example, to log or to replace prompts.
   *
   * @param wrapper given the checkpoint's text encoder, returns what the pipeline uses in its
   *     place; both are closed with the pipeline
   * @return this builder
   */
  public PipelineBuilder textEncoder(UnaryOperator<TextEncoder> wrapper) {
    textEncoderWrapper.set(wrapper);
    return this;
  }

  /**
   * Adds words that textual inversion has learned. A prompt that names one gets its vectors in
   * place of tokens of the vocabulary, whatever the {@link GenerationRequest#promptSyntax}.
   *
   * <p>A file of diffusers, such as {@code learned_embeds.safetensors}, holds its word; that of
   * AUTOMATIC1111's web UI, {@code .pt} or {@code .safetensors}, is named after it. The case of
   * letters does not matter in a prompt.
   *
   * @param files one a word, learned for this checkpoint's text encoder
   * @return this builder
   * @throws IllegalArgumentException if there is no file
   */
  public PipelineBuilder learnedWords(Path... files) {
    checkArgument(files.length > 0, "learnedWords has no file, expected at least one");
    learnedWords.set(List.of(files));
    return this;
  }

  /**
   * Adds a LoRA. Repeatable: each adds its part to the weights of the checkpoint's UNet and text
   * encoder, and their order changes nothing. {@link TextToVideoPipeline#withAdapters} makes the
   * same pipeline with others.
   *
   * @param adapter loaded for a model of this kind
   * @return this builder
   */
  public PipelineBuilder adapter(Adapter adapter) {
    adapters.add(requireNonNull(adapter));
    return this;
  }

  /**
   * Sets a denoiser in place of the checkpoint's. It stays the caller's to close.
   *
   * @param denoiser whose channels are the decoder's
   * @return this builder
   */
  public PipelineBuilder denoiser(Unet3dDenoiser denoiser) {
    this.denoiser.set(denoiser);
    return this;
  }

  /**
   * Wraps the checkpoint's own denoiser: memory plan, offload policy and precision stay as they
   * are. For example, to count or to change predictions.
   *
   * @param wrapper given the checkpoint's denoiser, returns what the pipeline uses in its place;
   *     both are closed with the pipeline
   * @return this builder
   */
  public PipelineBuilder denoiser(UnaryOperator<Unet3dDenoiser> wrapper) {
    denoiserWrapper.set(wrapper);
    return this;
  }

  /**
   * Sets a decoder in place of the checkpoint's. It stays the caller's to close.
   *
   * @param vaeDecoder whose channels are the denoiser's
   * @return this builder
   */
  public PipelineBuilder vaeDecoder(VaeDecoder vaeDecoder) {
    this.vaeDecoder.set(vaeDecoder);
    return this;
  }

  /**
   * Wraps the checkpoint's own decoder: memory plan, offload policy and precision stay as they are.
   * For example, to post-process frames.
   *
   * @param wrapper given the checkpoint's decoder, returns what the pipeline uses in its place;
   *     both are closed with the pipeline
   * @return this builder
   */
  public PipelineBuilder vaeDecoder(UnaryOperator<VaeDecoder> wrapper) {
    vaeDecoderWrapper.set(wrapper);
    return this;
  }

  /**
   * Sets an encoder, for requests that start from a video or an image, in place of the
   * checkpoint's. It stays the caller's to close. A pipeline with a custom decoder never uses the
   * checkpoint's encoder, since the two belong together.
   *
   * @param vaeEncoder whose latents are the decoder's
   * @return this builder
   */
  public PipelineBuilder vaeEncoder(VaeEncoder vaeEncoder) {
    this.vaeEncoder.set(vaeEncoder);
    return this;
  }

  /**
   * Wraps the checkpoint's own encoder: memory plan, offload policy and precision stay as they are.
   * For example, to remember the latents of a video that is used again.
   *
   * @param wrapper given the checkpoint's encoder, returns what the pipeline uses in its place;
   *     both are closed with the pipeline
   * @return this builder
   */
  public PipelineBuilder vaeEncoder(UnaryOperator<VaeEncoder> wrapper) {
    vaeEncoderWrapper.set(wrapper);
    return this;
  }

  /**
   * Sets how the checkpoint's autoencoder cuts large frames into tiles, which bounds its memory and
   * changes frames slightly. Default: frames are coded whole, one at a time.
   *
   * @param vaeTiling size and overlap of the tiles
   * @return this builder
   */
  public PipelineBuilder vaeTiling(VaeTiling vaeTiling) {
    this.vaeTiling.set(vaeTiling);
    return this;
  }

  /**
   * Sets when the weights of each network are in memory. Default: {@link OffloadPolicy#none()}.
   * Components that were given to this builder manage their own memory.
   *
   * @param offload such as {@code OffloadPolicy.disk()}
   * @return this builder
   */
  public PipelineBuilder offload(OffloadPolicy offload) {
    this.offload.set(offload);
    return this;
  }

  /**
   * Sets where the networks compute. Default: the CPU. {@link ComputeDevice#auto} takes the best
   * device available, and logs why.
   *
   * <p>GPUs need libtorch's GPU natives on the class path, and CUDA on the system: docs/gpu.md.
   *
   * @param device such as {@code ComputeDevice.cuda(0)}
   * @return this builder
   */
  public PipelineBuilder device(ComputeDevice device) {
    this.device.set(device);
    return this;
  }

  /**
   * Sets the dtype in which all networks compute, whatever the dtype of the checkpoint's files.
   * Default: the {@linkplain Precision#defaultFor device's}, float32 on the CPU. Between networks,
   * and in the scheduler, tensors are float32 in any case. {@link #build} refuses {@link
   * Precision#BFLOAT16} on a CPU that does not compute in it; {@link Precision#auto} takes it where
   * the CPU does.
   *
   * @param precision of all components that have none of their own
   * @return this builder
   */
  public PipelineBuilder precision(Precision precision) {
    this.precision.set(precision);
    return this;
  }

  /**
   * Sets the dtype in which one network computes.
   *
   * @param component such as the decoder, which may stay in float32 where others do not
   * @param precision of this component
   * @return this builder
   */
  public PipelineBuilder precision(Component component, Precision precision) {
    precisions
        .computeIfAbsent(component, key -> new Setting<>("precision of " + key))
        .set(precision);
    return this;
  }

  /**
   * Sets whether the denoiser's steps are recorded as a CUDA graph: the second step of a generation
   * is recorded and all that follow are replayed, which saves the time that thousands of calls
   * take, and costs as much memory again as a step's features take. Default: false, as this has not
   * been seen to work on a GPU yet: it was written without one.
   *
   * <p>Where it is not possible, the steps are computed as always, and a warning is logged: on
   * other devices, with policies that offload the denoiser's layers, and where the device refuses.
   * Progress is then told once a step, not after each block, and a generation is cancelled between
   * steps.
   *
   * @param cudaGraphs true to record
   * @return this builder
   */
  public PipelineBuilder cudaGraphs(boolean cudaGraphs) {
    this.cudaGraphs.set(cudaGraphs);
    return this;
  }

  /**
   * Sets faster ways to compute on a CUDA device, each of which is experimental: none has run on a
   * GPU yet. Default: none. On other devices they are left out, and a warning is logged.
   *
   * @param optimizations of the checkpoint's networks
   * @return this builder
   */
  public PipelineBuilder gpuOptimizations(GpuOptimization... optimizations) {
    gpuOptimizations.set(ImmutableSet.copyOf(optimizations));
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
  public PipelineBuilder memoryLimit(long bytes) {
    checkArgument(bytes >= 1, "memoryLimit is %s, expected at least 1", bytes);
    memoryLimit.set(bytes);
    return this;
  }

  /**
   * Sets the number of threads that one generation computes with. Default: the number of CPUs that
   * libtorch and this JVM both see.
   *
   * @param threads at least 1, and at most 64 or four for each CPU that this JVM may use, whichever
   *     is more: threads wait for each other in a loop, so that with many more than CPUs a
   *     generation hardly advances
   * @return this builder
   * @throws IllegalArgumentException if it is below 1, or above this limit
   */
  public PipelineBuilder threads(int threads) {
    int cpus = Runtime.getRuntime().availableProcessors();
    int limit = Math.max(MIN_THREAD_LIMIT, THREADS_PER_CPU * cpus);
    checkArgument(
        threads >= 1 && threads <= limit,
        "threads is %s, expected 1 to %s on this machine with %s CPUs",
        threads,
        limit,
        cpus);
    this.threads.set(threads);
    return this;
  }

  /**
   * Sets whether a generation stops with a {@link NonFiniteValueException} when a network or a
   * solver produces NaN or infinity. Default: true. Otherwise it goes on, and usually ends in black
   * frames.
   *
   * @param checkFinite false to go on
   * @return this builder
   */
  public PipelineBuilder checkFinite(boolean checkFinite) {
    this.checkFinite.set(checkFinite);
    return this;
  }

  /**
   * Sets whether options of the checkpoint's configs that this version does not know are refused.
   * Default: false: those whose value changes nothing, as newer references write them, are ignored
   * with a warning.
   *
   * @param strict true to refuse all
   * @return this builder
   */
  public PipelineBuilder strict(boolean strict) {
    this.strict.set(strict);
    return this;
  }

  /**
   * Sets how many generations of this pipeline run at the same time; others wait, first come, first
   * served. Default: as many as memory holds. Memory is reserved for the whole process before a
   * generation starts, so that those of several pipelines wait for each other as well.
   *
   * @param generations at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is below 1
   */
  public PipelineBuilder maxConcurrent(int generations) {
    checkArgument(generations >= 1, "maxConcurrent is %s, expected at least 1", generations);
    maxConcurrent.set(generations);
    return this;
  }

  /**
   * Sets how long a generation waits for others to end before it fails with a {@link
   * PipelineBusyException}. Default: {@link #DEFAULT_ADMISSION_TIMEOUT}. A waiting generation can
   * be cancelled as a running one can.
   *
   * @param timeout at least zero, which means not to wait
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public PipelineBuilder admissionTimeout(Duration timeout) {
    checkArgument(!timeout.isNegative(), "admissionTimeout is %s, expected at least zero", timeout);
    admissionTimeout.set(timeout);
    return this;
  }

  /**
   * Sets what decides which prompts are generated and which frames leave the pipeline. Default:
   * nothing is filtered. An application that takes prompts from strangers needs one; docs/model.md
   * lists what the model's authors rule out.
   *
   * @param contentFilter used by all generations, on several threads
   * @return this builder
   */
  public PipelineBuilder contentFilter(ContentFilter contentFilter) {
    this.contentFilter.set(contentFilter);
    return this;
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
   * @throws CheckpointException if the checkpoint is damaged, or of another kind, or an adapter
   *     does not fit it
   * @throws IllegalArgumentException if components do not fit together, or the scheduler refuses
   *     its configuration
   * @throws MissingNativesException if libtorch's natives are missing, or do not load
   * @throws DeviceUnavailableException if the device is not there, or does not compute in a
   *     precision; the message names the cure
   */
  public TextToVideoPipeline build() {
    requireConsistent();
    ComputeDevice resolved = Devices.resolve(device.orElse(ComputeDevice.cpu()));
    HubSnapshot snapshot =
        checkpoint.orNull() instanceof HubModel model ? model.download(variant.orNull()) : null;
    Path folder = snapshot == null ? (Path) checkpoint.orNull() : snapshot.folder();
    int usedThreads = threads.get().orElseGet(TorchRuntime::defaultThreads);
    PipelineSettings settings = settings(folder, resolved, usedThreads);
    ExecutionContext context = new ExecutionContext(resolved, usedThreads);
    try {
      return context.compute(
          () ->
              new TextToVideoPipeline(
                  PipelineFactory.create(settings),
                  PipelineOrigin.of(settings, snapshot == null ? folder : snapshot),
                  adapters,
                  context,
                  new ContentGate(contentFilter.get()),
                  checkFinite.orElse(true),
                  maxConcurrent.orElse(Integer.MAX_VALUE),
                  admissionTimeout.orElse(DEFAULT_ADMISSION_TIMEOUT)));
    } catch (RuntimeException | Error e) {
      context.close();
      throw withRepairHint(FailureTranslation.ofPreparation(e, "building the pipeline"), snapshot);
    }
  }

  /** Files of a cache are damaged by others, and downloading them again repairs them. */
  private static RuntimeException withRepairHint(
      RuntimeException failure, @Nullable HubSnapshot snapshot) {
    return failure instanceof CheckpointException && snapshot != null
        ? new CheckpointException(failure.getMessage() + " " + snapshot.repairHint(), failure)
        : failure;
  }

  private PipelineSettings settings(
      @Nullable Path folder, ComputeDevice resolved, int usedThreads) {
    Map<Component, Precision> chosen = new EnumMap<>(Component.class);
    Precision ofAll = precision.get().orElseGet(() -> Precision.defaultFor(resolved));
    for (Component component : Component.values()) {
      chosen.put(component, ofAll);
    }
    precisions.forEach((component, setting) -> chosen.put(component, setting.orElse(ofAll)));
    return new PipelineSettings(
        folder,
        variant.orNull(),
        vaeFrom.orNull(),
        unetWeights.orNull(),
        learnedWords.orElse(List.of()),
        Adapters.scaled(adapters),
        scheduler.orNull(),
        textEncoder.orNull(),
        textEncoderWrapper.orElse(UnaryOperator.identity()),
        vaeEncoder.orNull(),
        vaeEncoderWrapper.orElse(UnaryOperator.identity()),
        denoiser.orNull(),
        denoiserWrapper.orElse(UnaryOperator.identity()),
        vaeDecoder.orNull(),
        vaeDecoderWrapper.orElse(UnaryOperator.identity()),
        vaeTiling.orNull(),
        offload.orElse(OffloadPolicy.none()),
        resolved,
        ComponentPrecisions.of(chosen, resolved, CpuBfloat16::ofThisMachine),
        usedThreads,
        cudaGraphs.orElse(false),
        gpuOptimizations.orElse(Set.of()),
        memoryLimit.orElse(0L),
        strict.orElse(false));
  }

  private void requireConsistent() {
    List<String> problems = new ArrayList<>();
    exclude(problems, vaeDecoder, vaeTiling, vaeFrom, vaeDecoderWrapper, vaeEncoderWrapper);
    exclude(problems, vaeEncoder, vaeEncoderWrapper);
    exclude(problems, denoiser, unetWeights, cudaGraphs, denoiserWrapper);
    exclude(problems, textEncoder, textEncoderWrapper, learnedWords);
    if (denoiser.isSet() && !adapters.isEmpty()) {
      problems.add(
          "adapters = "
              + adapters
              + " are set together with "
              + denoiser
              + ": expected one of them");
    }
    if (gpuOptimizations.orElse(Set.of()).contains(GpuOptimization.KEPT_CUDA_GRAPHS)
        && !cudaGraphs.orElse(false)) {
      problems.add(gpuOptimizations + ", but cudaGraphs is not set to true: no graph is recorded");
    }
    if (!checkpoint.isSet()) {
      requireEachComponent(problems);
      if (!adapters.isEmpty()) {
        problems.add("adapters = " + adapters + ", but no checkpoint is set");
      }
      checkpointSettings()
          .filter(Setting::isSet)
          .forEach(setting -> problems.add(setting + ", but no checkpoint is set"));
    }
    checkState(problems.isEmpty(), "%s", String.join("; ", problems));
  }

  /** What a component of one's own does not take: it is used as it was made. */
  private static void exclude(List<String> problems, Setting<?> component, Setting<?>... others) {
    if (component.isSet()) {
      Stream.of(others)
          .filter(Setting::isSet)
          .forEach(
              other ->
                  problems.add(
                      other + " is set together with " + component + ": expected one of them"));
    }
  }

  private void requireEachComponent(List<String> problems) {
    List<String> missing =
        Stream.of(textEncoder, denoiser, vaeDecoder, scheduler)
            .filter(Predicate.not(Setting::isSet))
            .map(Setting::name)
            .toList();
    if (!missing.isEmpty()) {
      problems.add(
          String.join(", ", missing)
              + (missing.size() == 1 ? " is" : " are")
              + " not set: give a checkpoint, or each of them");
    }
  }

  /** Settings that mean something for the components of a checkpoint alone. */
  private Stream<Setting<?>> checkpointSettings() {
    return Stream.concat(
        Stream.of(
            variant,
            vaeFrom,
            unetWeights,
            learnedWords,
            textEncoderWrapper,
            denoiserWrapper,
            vaeDecoderWrapper,
            vaeEncoderWrapper,
            vaeTiling,
            offload,
            device,
            precision,
            cudaGraphs,
            gpuOptimizations,
            memoryLimit,
            strict),
        precisions.values().stream());
  }

  /** The settings that were made, such as {@code PipelineBuilder[variant = fp16, threads = 2]}. */
  @Override
  public String toString() {
    Stream<String> ofAdapters = adapters.stream().map(adapter -> "adapter = " + adapter);
    Stream<String> settings =
        Stream.concat(
                Stream.of(
                    checkpoint,
                    scheduler,
                    textEncoder,
                    denoiser,
                    vaeDecoder,
                    vaeEncoder,
                    threads,
                    checkFinite,
                    maxConcurrent,
                    admissionTimeout,
                    contentFilter),
                checkpointSettings())
            .filter(Setting::isSet)
            .map(Setting::toString);
    return Stream.concat(settings, ofAdapters)
        .collect(Collectors.joining(", ", "PipelineBuilder[", "]"));
  }
}
