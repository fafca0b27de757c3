package io.t2v.examples;

import io.t2v.TextToVideoPipeline;
import io.t2v.offload.OffloadPolicy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose a model, and how it computes. */
final class ModelOptions {
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

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with. Default: one a processor; 1 for the bundled model.")
  private @Nullable Integer threads;

  @Option(
      names = "--offload",
      paramLabel = "POLICY",
      converter = OffloadNames.Converter.class,
      completionCandidates = OffloadNames.class,
      description = {
        "When weights are in memory: ${COMPLETION-CANDIDATES}.",
        "none: always; component: one network at a time; disk: one layer at a time. Default: none."
      })
  private @Nullable OffloadPolicy offload;

  /** Whether the bundled model was chosen, by naming no other. */
  boolean isBundled() {
    return checkpoint == null;
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
    if (offload != null) {
      builder.offload(offload);
    }
    if (scheduler != null) {
      builder.scheduler(scheduler.factory());
    }
    if (checkpoint != null) {
      return builder.checkpoint(checkpoint);
    }
    if (scheduler == null) {
      builder.scheduler(BundledModel.SCHEDULER);
    }
    if (threads == null) {
      builder.threads(BundledModel.THREADS);
    }
    return builder.checkpoint(BundledModel.folder());
  }
}
