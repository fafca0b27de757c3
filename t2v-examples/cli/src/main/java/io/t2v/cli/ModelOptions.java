package io.t2v.cli;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.hub.HubModel;
import io.t2v.hub.HubSnapshot;
import io.t2v.minimodel.MiniModel;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.SchedulerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Options that choose a model, and how it computes. */
final class ModelOptions {
  /** A name on a hub with its commit, as provenance records it. */
  private static final Pattern NAME_AT_COMMIT = Pattern.compile("(.+)@(\\p{XDigit}{40})");

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-c", "--checkpoint"},
      paramLabel = "DIR|NAME",
      description = {
        "Folder of a checkpoint, or the name of one on a hub, such as"
            + " ali-vilab/text-to-video-ms-1.7b, which is downloaded if it is not in the cache.",
        "Default: the bundled miniature model."
      })
  private @Nullable String checkpoint;

  @Mixin private final HubOptions hub = new HubOptions();

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Weights to take where a checkpoint has several, such as fp16.")
  private @Nullable String variant;

  @Option(
      names = "--vae-from",
      paramLabel = "DIR",
      description = {
        "Take the autoencoder from another checkpoint, or from the folder of one. Default: the"
            + " checkpoint's own."
      })
  private @Nullable Path vaeFrom;

  @Option(
      names = "--unet-weights",
      paramLabel = "FILE",
      description = {
        "Put the weights of a fine-tuned UNet, safetensors or of torch.save, over the checkpoint's."
            + " Default: none."
      })
  private @Nullable Path unetWeights;

  @Mixin private final AdapterOptions adapters = new AdapterOptions();

  @Option(
      names = "--scheduler",
      paramLabel = "SCHEDULER",
      converter = SchedulerNames.Converter.class,
      completionCandidates = SchedulerNames.class,
      description = {
        "How noise is removed, on the checkpoint's own noise schedule: ${COMPLETION-CANDIDATES}.",
        "Default: the checkpoint's own; dpm++ for the bundled model."
      })
  private SchedulerNames.@Nullable Choice scheduler;

  private @Nullable SchedulerFactory likeScheduler;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with. Default: one per CPU core; 1 for the bundled model.")
  private @Nullable Integer threads;

  @Option(
      names = "--offload",
      paramLabel = "POLICY",
      converter = OffloadNames.Converter.class,
      completionCandidates = OffloadNames.class,
      description = {
        "When weights are in memory: ${COMPLETION-CANDIDATES}.",
        "none: always; component: one network at a time; disk: one layer at a time;",
        "streaming: layers flow through a GPU, the next one while one computes;",
        "auto: the first of these that fits into memory. Default: none."
      })
  private @Nullable OffloadPolicy offload;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      description = {
        "Where to compute: cpu, cuda (the first GPU), cuda:1 (any index), mps, or auto: the GPU"
            + " with the most free memory if there is one, else the CPU. Default: cpu."
      })
  private @Nullable ComputeDevice device;

  @Option(
      names = "--cuda-graphs",
      description =
          "Record a step of the denoiser as a CUDA graph, and replay it. Not seen to work yet.")
  private boolean cudaGraphs;

  @Option(
      names = "--gpu-optimizations",
      paramLabel = "OPTIMIZATION",
      split = ",",
      description = {
        "Faster ways to compute on CUDA: ${COMPLETION-CANDIDATES}.",
        "Not seen to work yet. kept-cuda-graphs needs --cuda-graphs. Default: none."
      })
  private List<GpuOptimization> gpuOptimizations = List.of();

  @Option(
      names = "--precision",
      paramLabel = "NUMBERS",
      converter = PrecisionChoice.Converter.class,
      description = {
        "Numbers to compute with: float32, float16, bfloat16, int8 for weights in eight bits, or"
            + " auto for bfloat16 on a CPU that computes in it; for all networks, or for one, such"
            + " as float16,vae=float32 (text, unet, vae).",
        "Default: float32 on a CPU, whatever the checkpoint holds; float16 on CUDA."
      })
  private @Nullable PrecisionChoice precision;

  /** Whether the bundled model was chosen, by naming no other. */
  boolean isBundled() {
    return checkpoint == null;
  }

  /**
   * Takes what was not given from a video that was made before: its checkpoint, its adapters and
   * its scheduler.
   */
  void completeFrom(LikeFile like) {
    like.checkpoint()
        .filter(path -> checkpoint == null && !path.equals(MiniModel.folder().toString()))
        .ifPresent(recorded -> useCheckpoint(recorded, like.variant()));
    adapters.completeFrom(like.clip().provenance().properties());
    if (scheduler == null) {
      like.scheduler().ifPresent(factory -> likeScheduler = factory);
    }
  }

  private void useCheckpoint(String recorded, Optional<String> recordedVariant) {
    Matcher named = NAME_AT_COMMIT.matcher(recorded);
    checkpoint = named.matches() ? named.group(1) : recorded;
    if (named.matches()) {
      hub.completeRevision(named.group(2));
    }
    if (variant == null) {
      variant = recordedVariant.orElse(null);
    }
  }

  /** Checks what can be checked without opening anything. */
  PipelineBuilder pipeline() {
    PipelineBuilder builder = TextToVideoPipeline.builder();
    Usage.check(spec, "--threads", threads, builder::threads);
    Usage.check(spec, "--variant", variant, builder::variant);
    Usage.check(spec, "--vae-from", vaeFrom, path -> builder.vaeFrom(existing(path)));
    Usage.check(spec, "--unet-weights", unetWeights, path -> builder.unetWeights(existing(path)));
    if (variant != null && checkpoint == null) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--variant' needs '--checkpoint': the bundled model has none");
    }
    if (offload != null) {
      builder.offload(offload);
    }
    if (device != null) {
      builder.device(device);
    }
    if (cudaGraphs) {
      builder.cudaGraphs(true);
    } else if (gpuOptimizations.contains(GpuOptimization.KEPT_CUDA_GRAPHS)) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--gpu-optimizations "
              + GpuOptimization.KEPT_CUDA_GRAPHS
              + "' needs '--cuda-graphs': without it there is none to keep");
    }
    if (!gpuOptimizations.isEmpty()) {
      builder.gpuOptimizations(gpuOptimizations.toArray(GpuOptimization[]::new));
    }
    if (precision != null) {
      precision.applyTo(builder);
    }
    if (scheduler != null) {
      builder.scheduler(scheduler.factory());
    } else if (likeScheduler != null) {
      builder.scheduler(likeScheduler);
    } else if (checkpoint == null) {
      builder.scheduler(MiniModel.SCHEDULER);
    }
    if (threads == null && checkpoint == null) {
      builder.threads(MiniModel.THREADS);
    }
    if (isNamed()) {
      hub.model(String.valueOf(checkpoint));
    }
    adapters.applyTo(builder);
    return builder;
  }

  /** Names the checkpoint, after downloading what is missing of one that was given by name. */
  void locate(
      PipelineBuilder builder, CtrlC ctrlC, ProgressOptions progress, StandardStreams streams) {
    if (checkpoint == null) {
      builder.checkpoint(MiniModel.folder());
    } else if (isNamed()) {
      HubSnapshot snapshot =
          Downloads.bring(
              hub.model(checkpoint),
              variant,
              ctrlC,
              progress,
              streams,
              spec.commandLine().getErr());
      builder.checkpoint(hub.cached(checkpoint, snapshot.revision()));
    } else {
      builder.checkpoint(Path.of(checkpoint));
    }
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException("there is no " + path);
    }
    return path;
  }

  /** A folder that exists is meant, even if a model may have the same name. */
  private boolean isNamed() {
    return checkpoint != null && HubModel.isName(checkpoint) && !Files.exists(Path.of(checkpoint));
  }

  /** Reads the name of a device. */
  private static final class DeviceConverter implements ITypeConverter<ComputeDevice> {
    @Override
    public ComputeDevice convert(String value) {
      try {
        return ComputeDevice.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
