package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Video;
import io.t2v.ffmpeg.Difference;
import io.t2v.ffmpeg.SideBySide;
import io.t2v.ffmpeg.SideBySide.Captioned;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code t2v compare}: several videos side by side, and how far two of them are apart. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Writes several videos side by side into one, with captions.",
      "",
      "With --difference, two videos of one size get a third beside them: where they differ, and"
          + " how much, as a heat map. The differences are printed as JSON."
    })
final class CompareCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "0..*", description = "Videos, or folders of pictures.")
  private List<Path> files = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "The file to write.")
  @SuppressWarnings("NullAway.Init")
  private Path output;

  @Option(
      names = "--caption",
      paramLabel = "TEXT",
      description = "What stands above a video. Once for each, or not at all. Default: file names.")
  private List<String> captions = List.of();

  @Option(names = "--difference", description = "Add a heat map of how two videos differ.")
  private boolean difference;

  @Option(names = "--force", description = "Replace a file that exists.")
  private boolean force;

  @Mixin private final FileOptions file = new FileOptions();

  @Override
  public Integer call() throws IOException {
    // Not by the arity of the parameter: that would take a misspelt option for a file.
    if (files.size() < 2) {
      throw new ParameterException(
          spec.commandLine(),
          "FILE was given %s times, expected at least 2".formatted(files.size()));
    }
    VideoWriter writer = file.writer(file.format(output));
    if (!captions.isEmpty() && captions.size() != files.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--caption' was given %s times for %s files, expected once for each"
              .formatted(captions.size(), files.size()));
    }
    if (difference && files.size() != 2) {
      throw new ParameterException(
          spec.commandLine(), "Option '--difference' compares 2 files, not " + files.size());
    }
    OutputFiles.requireWritable(output, writer.format(), force);
    List<Captioned> videos = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Video video = VideoReader.create().read(files.get(i));
      videos.add(
          new Captioned(
              captions.isEmpty() ? String.valueOf(files.get(i).getFileName()) : captions.get(i),
              video));
    }
    @Nullable Difference found = difference ? difference(videos) : null;
    if (found != null) {
      videos.add(new Captioned("difference", found.map()));
    }
    Path written = OutputFiles.write(writer, SideBySide.of(videos), output, force);
    OutputFiles.sayIfOther(spec, output, written);
    spec.commandLine()
        .getOut()
        .println(found == null ? written.toString() : describe(found, written));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static Difference difference(List<Captioned> videos) {
    try {
      return Difference.between(videos.get(0).video(), videos.get(1).video());
    } catch (IllegalArgumentException e) {
      throw new FailureException(String.valueOf(e.getMessage()));
    }
  }

  private String describe(Difference found, Path written) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("file", written.toString());
    fields.put("mean", found.mean());
    fields.put("most", found.most());
    fields.put("psnr", Double.isInfinite(found.psnr()) ? null : found.psnr());
    return JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asString(fields);
  }
}
