package io.t2v.cli;

import io.t2v.FrameWindow;
import io.t2v.GenerationRequest;
import java.util.List;
import java.util.function.BiConsumer;
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
      names = "--window-weights",
      paramLabel = "WEIGHTS",
      description =
          "How overlapping windows are averaged: ${COMPLETION-CANDIDATES}. Default: PYRAMID, the"
              + " middle of a window counts most.")
  private FrameWindow.@Nullable Weights weights;

  @Option(names = "--shift-windows", description = "Move the windows from step to step.")
  private boolean shift;

  @Option(
      names = "--correlated-noise",
      description = "Repeat the noise of the first window, shuffled: distant frames look alike.")
  private boolean correlatedNoise;

  @Option(
      names = "--prompt-at",
      paramLabel = "FRAME=TEXT",
      converter = FrameValue.Converter.class,
      description = {
        "Change the prompt: blend it into TEXT up to this frame. Repeatable; for one video at a"
            + " time."
      })
  private List<FrameValue> promptsAt = List.of();

  @Option(
      names = "--negative-prompt-at",
      paramLabel = "FRAME=TEXT",
      converter = FrameValue.Converter.class,
      description = "The same for the negative prompt.")
  private List<FrameValue> negativePromptsAt = List.of();

  /** Sets what was given. */
  void applyTo(GenerationRequest.Builder builder) {
    boolean changed = overlap != null || weights != null || loop || shift || correlatedNoise;
    if (window == null && changed) {
      throw new ParameterException(
          spec.commandLine(),
          "Options '--overlap', '--window-weights', '--loop', '--shift-windows' and"
              + " '--correlated-noise' expect '--window' with them");
    }
    Usage.check(spec, "--window", window, length -> builder.window(window(length)));
    setTexts("--prompt-at", promptsAt, builder::promptAt);
    setTexts("--negative-prompt-at", negativePromptsAt, builder::negativePromptAt);
  }

  private void setTexts(String option, List<FrameValue> texts, BiConsumer<Integer, String> setter) {
    FrameValue.byFrame(spec, option, texts)
        .forEach(
            (frame, text) ->
                Usage.check(spec, option, text, prompt -> setter.accept(frame, prompt)));
  }

  private FrameWindow window(int length) {
    FrameWindow made =
        FrameWindow.of(length).loop(loop).shiftEachStep(shift).correlatedNoise(correlatedNoise);
    made = Usage.changed(spec, "--window-weights", weights, made, FrameWindow::weights);
    return Usage.changed(spec, "--overlap", overlap, made, FrameWindow::overlap);
  }
}
