package io.t2v.cli;

import io.t2v.PipelineBuilder;
import io.t2v.Provenance;
import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options for what bends a model: LoRA, and words of textual inversion. */
final class AdapterOptions {
  private static final String DECIMAL = "-?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";

  /** The file's name may hold colons itself, as with a drive's letter. */
  private static final Pattern SCALED =
      Pattern.compile("(.+?)(?::(" + DECIMAL + "))?(?::(" + DECIMAL + "))?");

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--lora",
      paramLabel = "FILE[:SCALE[:TEMPORAL]]",
      description = {
        "Add a LoRA, in any format, at a scale (default: 1), and at another one for the layers that"
            + " mix frames (default: the same). Repeatable. t2v inspect FILE says what it is."
      })
  private List<String> loras = List.of();

  @Option(
      names = "--embedding",
      paramLabel = "FILE",
      description = "Add the word of a file of textual inversion. Repeatable.")
  private List<Path> embeddings = List.of();

  private final List<Adapter> recorded = new ArrayList<>();

  /** Takes what was not given from a video that was made before. */
  void completeFrom(Map<String, Object> properties) {
    if (loras.isEmpty()) {
      RecordedFile.list(properties, Provenance.ADAPTERS)
          .forEach(file -> recorded.add(adapter(file)));
    }
    if (embeddings.isEmpty()) {
      embeddings =
          RecordedFile.list(properties, Provenance.LEARNED_WORDS).stream()
              .map(AdapterOptions::learnedWord)
              .toList();
    }
  }

  private static Adapter adapter(RecordedFile file) {
    Adapter adapter;
    try {
      adapter = Adapter.load(file.path());
    } catch (CheckpointException e) {
      throw file.unreadable("LoRA", "--lora", e);
    }
    file.requireContent(adapter.digest(), "LoRA", "--lora");
    return adapter
        .scale(number(file.record(), "scale"))
        .spatialScale(number(file.record(), "spatialScale"))
        .temporalScale(number(file.record(), "temporalScale"));
  }

  private static Path learnedWord(RecordedFile file) {
    try {
      file.requireContent(Sha256.of(file.path()), "learned word", "--embedding");
    } catch (IOException e) {
      throw file.unreadable("learned word", "--embedding", e);
    }
    return file.path();
  }

  private static double number(Map<?, ?> described, String name) {
    return described.get(name) instanceof Number number ? number.doubleValue() : 1;
  }

  /** Reads the files, and adds them. */
  void applyTo(PipelineBuilder builder) {
    recorded.forEach(builder::adapter);
    loras.forEach(lora -> Usage.check(spec, "--lora", lora, text -> builder.adapter(scaled(text))));
    if (!embeddings.isEmpty()) {
      builder.learnedWords(embeddings.toArray(Path[]::new));
    }
  }

  private static Adapter scaled(String text) {
    Matcher matcher = SCALED.matcher(text);
    if (Files.exists(Path.of(text)) || !matcher.matches()) {
      return Adapter.load(Path.of(text));
    }
    Adapter adapter = Adapter.load(Path.of(matcher.group(1)));
    @Nullable String scale = matcher.group(2);
    @Nullable String temporal = matcher.group(3);
    if (scale != null) {
      adapter = adapter.scale(Double.parseDouble(scale));
    }
    return temporal == null ? adapter : adapter.temporalScale(Double.parseDouble(temporal));
  }
}
