package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.adapter.Adapter;
import io.t2v.adapter.AdapterSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a LoRA is, as text for people and as JSON. */
final class AdapterInspection {
  private static final List<String> ENDINGS =
      List.of(".safetensors", ".bin", ".pt", ".pth", ".ckpt");
  private static final int LONGEST_NOTE = 100;

  private AdapterInspection() {}

  /** Whether a path is that of weights rather than of a video or a checkpoint. */
  static boolean isAdapter(Path path) {
    if (Files.isDirectory(path)) {
      return Files.exists(path.resolve("adapter_config.json"));
    }
    String name = path.toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(path) && ENDINGS.stream().anyMatch(name::endsWith);
  }

  static List<String> describe(Path path, boolean json) throws IOException {
    Adapter adapter = Adapter.load(path);
    AdapterSummary summary = adapter.summary();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("adapter", path.toString());
    fields.put("sha256", adapter.digest());
    fields.put("format", summary.format());
    fields.put("layers", summary.layers());
    summary.unetLayers().ifPresent(layers -> fields.put("unetLayers", layers));
    summary.textEncoderLayers().ifPresent(layers -> fields.put("textEncoderLayers", layers));
    fields.put("smallestRank", summary.smallestRank());
    fields.put("largestRank", summary.largestRank());
    fields.put("parameters", summary.parameters());
    fields.put("dtypes", new TreeSet<>(summary.dtypes()));
    fields.put("notes", new TreeMap<>(summary.notes()));
    return json
        ? List.of(JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(fields))
        : lines(fields, summary);
  }

  private static List<String> lines(Map<String, Object> fields, AdapterSummary summary) {
    List<String> lines = new ArrayList<>();
    fields.forEach(
        (name, value) -> {
          if (!name.equals("notes")) {
            lines.add("%-19s %s".formatted(name, value));
          }
        });
    new TreeMap<>(summary.notes())
        .forEach((name, text) -> lines.add("  %-17s %s".formatted(name, shown(text))));
    return lines;
  }

  /** On one line, and no longer than one. */
  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() <= LONGEST_NOTE ? line : line.substring(0, LONGEST_NOTE) + "...";
  }
}
