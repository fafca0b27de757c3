package io.t2v.cli;

import io.t2v.FrameWindow;
import io.t2v.GenerationRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for videos that are longer than what a model was trained on. */
final class LongVideoOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Compute the video in overlapping windows of N frames. Default: all at once.")
  private @Nullable Integer window;

  @Option(
      names = "--overlap",
      paramLabel = "N",
      description = "Frames that windows share. Default: a quarter of a window.")
  private @Nullable Integer overlap;

  @Option(names = "--loop", description = "Let the first frame follow the last one. With --window.")
  private boolean loop;

  @Option(
      names = "--prompt-at",
      paramLabel = "FRAME=TEXT",
      description = {
        "Change the prompt: blend it into TEXT up to this frame. Repeatable; for one video at a"
            + " time."
      })
  private Map<Integer, String> promptsAt = new LinkedHashMap<>();

  /** Sets what was given. */
  void applyTo(GenerationRequest.Builder builder) {
    if (window == null && (overlap != null || loop)) {
      throw new ParameterException(
          spec.commandLine(), "Options '--overlap' and '--loop' expect '--window' with them");
    }
    Usage.check(spec, "--window", window, length -> builder.window(window(length)));
    promptsAt.forEach(
        (frame, text) ->
            Usage.check(spec, "--prompt-at", text, prompt -> builder.promptAt(frame, prompt)));
  }

  private FrameWindow window(int length) {
    FrameWindow[] made = {FrameWindow.of(length).loop(loop)};
    Usage.check(spec, "--overlap", overlap, frames -> made[0] = made[0].overlap(frames));
    return made[0];
  }
}
