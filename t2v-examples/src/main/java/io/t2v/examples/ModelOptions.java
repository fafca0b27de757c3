package io.t2v.examples;

import io.t2v.TextToVideoPipeline;
import io.t2v.scheduler.SchedulerFactory;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose a model, and how it computes. */
final class ModelOptions {
  private static final Pattern RECORDED_CHECKPOINT = Pattern.compile("(.*?)(?: \\((\\w+)\\))?");

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-c", "--checkpoint"},
      paramLabel = "DIR",
      description = {
        "Folder of a checkpoint in diffusers layout, with a model_index.json.",
        "Default: the bundled miniature model."
      })
  private @Nullable Path checkpoint;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Weights to take where a checkpoint has several, such as fp16.")
  private @Nullable String variant;

  @Option(
      names = "--scheduler",
      paramLabel = "NAME",
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
      description = "Threads to compute with. Default: one a processor; 1 for the bundled model.")
  private @Nullable Integer threads;

  /** Whether the bundled model was chosen, by naming no other. */
  boolean isBundled() {
    return checkpoint == null;
  }

  /**
   * Takes what was not given from a video that was made before: its checkpoint and its scheduler.
   */
  void completeFrom(LikeFile like) {
    like.checkpoint()
        .filter(path -> checkpoint == null && !path.equals(BundledModel.folder().toString()))
        .ifPresent(this::useCheckpoint);
    if (scheduler == null) {
      like.scheduler().ifPresent(factory -> likeScheduler = factory);
    }
  }

  /** A path, and in brackets the variant. */
  private void useCheckpoint(String recorded) {
    Matcher parts = RECORDED_CHECKPOINT.matcher(recorded);
    if (parts.matches()) {
      checkpoint = Path.of(parts.group(1));
      if (variant == null) {
        variant = parts.group(2);
      }
    }
  }

  /** Checks what can be checked without opening anything. */
  TextToVideoPipeline.Builder pipeline() {
    TextToVideoPipeline.Builder builder = TextToVideoPipeline.builder();
    Usage.check(spec, "--threads", threads, builder::threads);
    Usage.check(spec, "--variant", variant, builder::variant);
    if (variant != null && checkpoint == null) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--variant' needs '--checkpoint': the bundled model has none");
    }
    if (scheduler != null) {
      builder.scheduler(scheduler.factory());
    } else if (likeScheduler != null) {
      builder.scheduler(likeScheduler);
    }
    if (checkpoint != null) {
      return builder.checkpoint(checkpoint);
    }
    if (scheduler == null && likeScheduler == null) {
      builder.scheduler(BundledModel.SCHEDULER);
    }
    if (threads == null) {
      builder.threads(BundledModel.THREADS);
    }
    return builder.checkpoint(BundledModel.folder());
  }
}
