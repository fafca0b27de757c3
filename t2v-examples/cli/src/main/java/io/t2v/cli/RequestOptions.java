package io.t2v.cli;

import io.t2v.GenerationRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that say how much is computed for a video. */
final class RequestOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-s", "--steps"},
      paramLabel = "N",
      description = "Denoising steps. Default: 50; 25 for the bundled model.")
  private @Nullable Integer steps;

  @Option(
      names = {"-g", "--guidance-scale"},
      paramLabel = "X",
      description = {
        "How strongly the video is pushed towards the prompt; off at 1 and below, where a step"
            + " takes half the time. Default: 9; 1.5 for the bundled model."
      })
  private @Nullable Double guidanceScale;

  @Option(
      names = {"-f", "--frames"},
      paramLabel = "N",
      description = "Frames of a video. Default: 16; 8 for the bundled model.")
  private @Nullable Integer frames;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = FrameSize.Converter.class,
      description = "Width and height in pixels, multiples of 8. Default: the checkpoint's own.")
  private @Nullable FrameSize size;

  /** Sets what was given. */
  void applyTo(GenerationRequest.Builder builder) {
    Usage.check(spec, "--steps", steps, builder::steps);
    Usage.check(spec, "--guidance-scale", guidanceScale, builder::guidanceScale);
    Usage.check(spec, "--frames", frames, builder::frames);
    Usage.check(spec, "--size", size, value -> builder.size(value.width(), value.height()));
  }
}
