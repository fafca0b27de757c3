package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.TextToVideoPipeline;
import io.t2v.checkpoint.CheckpointSummary;
import io.t2v.hub.HubModel;
import io.t2v.hub.HubSnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code t2v inspect}: what a checkpoint is, or how a video was made. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Says what a checkpoint is: its networks and how large they are, the size of its frames, its"
          + " scheduler, the memory that its weights take, its licence. Reads configurations and"
          + " headers alone, no weights.",
      "",
      "Of a video file, prints as JSON with what settings it was made; `t2v generate --like FILE`"
          + " makes it again. Of a LoRA, its format, its ranks, and what its trainer noted."
    },
    footer = {
      "",
      "For example:",
      "  t2v inspect text-to-video-ms-1.7b",
      "  t2v inspect ali-vilab/text-to-video-ms-1.7b --json",
      "  t2v inspect panda.mp4",
      "  t2v inspect --watermark panda.gif"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR|NAME|FILE",
      description =
          "A checkpoint's folder, the name of a model that is in the cache, or a video that t2v"
              + " made: a file, or a folder of PNG files.")
  @SuppressWarnings("NullAway.Init")
  private String subject;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Weights to look at where a checkpoint has several, such as fp16.")
  private @Nullable String variant;

  @Mixin private final HubOptions hub = new HubOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--watermark",
      description =
          "Look in the pictures of a video for the number that `t2v generate --watermark` hid in"
              + " them, and print it. The exit code is 1 if there is none.")
  private boolean watermark;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (watermark) {
      out.println(VideoInspection.watermark(Path.of(subject)));
      out.flush();
      return 0;
    }
    if (AdapterInspection.isAdapter(Path.of(subject))) {
      AdapterInspection.describe(Path.of(subject), json).forEach(out::println);
      out.flush();
      return 0;
    }
    if (VideoInspection.isVideo(Path.of(subject))) {
      out.println(VideoInspection.describe(Path.of(subject)));
      out.flush();
      return 0;
    }
    CheckpointSummary summary = TextToVideoPipeline.inspect(folder(), variant);
    Map<String, Long> planned = PlannedMemory.of(summary);
    if (json) {
      out.println(
          JSON.std
              .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
              .asString(SummaryFormat.json(summary, planned)));
    } else {
      SummaryFormat.lines(summary, planned).forEach(out::println);
    }
    out.flush();
    return summary.problems().isEmpty() ? 0 : 1;
  }

  /** A name is looked for in the cache alone: looking at a model should not download it. */
  private Path folder() {
    Path path = Path.of(subject);
    if (Files.exists(path) || !HubModel.isName(subject)) {
      return path;
    }
    HubModel model = hub.model(subject).build();
    return model
        .cached(variant)
        .or(() -> variant == null ? model.cached("fp16") : Optional.empty())
        .map(HubSnapshot::folder)
        .orElseThrow(
            () ->
                new FailureException(
                    "There is no folder %s, and no model of this name in the cache: t2v download %s%s brings it there."
                        .formatted(
                            subject, subject, variant == null ? "" : " --variant " + variant)));
  }
}
