package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.Provenance;
import io.t2v.ffmpeg.VideoWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that change how a video is computed, but hardly how long that takes. */
final class SamplingOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--guidance-rescale",
      paramLabel = "0..1",
      description = {
        "How far to bring the contrast of guided predictions back, against burnt colors. Default:"
            + " 0; 0.7 is a good value."
      })
  private @Nullable Double guidanceRescale;

  @Option(
      names = "--guidance-start",
      paramLabel = "0..1",
      description = {
        "Share of the steps before guidance starts; steps without it take half the time. Default:"
            + " 0."
      })
  private @Nullable Double guidanceStart;

  @Option(
      names = "--guidance-stop",
      paramLabel = "0..1",
      description = "Share of the steps after which guidance stops. Default: 1.")
  private @Nullable Double guidanceStop;

  @Option(
      names = "--fps",
      paramLabel = "X",
      description = "Frames per second at which the file is shown. Default: 8.")
  private @Nullable Double framesPerSecond;

  @Option(
      names = "--eta",
      paramLabel = "X",
      description = "Share of fresh noise in each step of DDIM, 0 to 1. Default: 0.")
  private @Nullable Double eta;

  @Option(
      names = "--clip-skip",
      paramLabel = "N",
      description = "Last layers of the text encoder that are skipped. Default: 0.")
  private @Nullable Integer clipSkip;

  @Option(
      names = "--watermark",
      paramLabel = "HEX",
      description = {
        "Mark all frames with an invisible number of up to 16 hexadecimal digits, which"
            + " `t2v inspect --watermark` finds again. Default: no mark."
      })
  private @Nullable String watermark;

  /** Sets what was given. */
  void applyTo(GenerationRequest.Builder builder) {
    Usage.check(spec, "--guidance-rescale", guidanceRescale, builder::guidanceRescale);
    Usage.check(spec, "--guidance-start", guidanceStart, builder::guidanceStart);
    Usage.check(spec, "--guidance-stop", guidanceStop, builder::guidanceStop);
    Usage.check(spec, "--fps", framesPerSecond, builder::framesPerSecond);
    Usage.check(spec, "--eta", eta, builder::eta);
    Usage.check(spec, "--clip-skip", clipSkip, builder::clipSkip);
    Usage.check(
        spec,
        "--watermark",
        watermark,
        digits -> builder.properties(Map.of(Provenance.WATERMARK, digits)));
  }

  /** Refuses a rate that the format cannot hold. */
  VideoWriter applyTo(VideoWriter writer) {
    return Usage.changed(spec, "--fps", framesPerSecond, writer, VideoWriter::withFramesPerSecond);
  }
}
