package io.t2v.cli;

import io.t2v.checkpoint.CheckpointSummary;
import io.t2v.checkpoint.CheckpointSummary.Component;
import io.t2v.checkpoint.CheckpointSummary.Memory;
import io.t2v.device.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A checkpoint's summary as text for people, and as JSON. */
final class SummaryFormat {
  private static final String UNKNOWN_LICENCE = "unknown; the published weights are CC-BY-NC-4.0";
  private static final double MILLION = 1e6;
  private static final double GB = 1e9;

  private SummaryFormat() {}

  /** planned: bytes by offload policy, empty if not known. */
  static List<String> lines(CheckpointSummary summary, Map<String, Long> planned) {
    List<String> lines = new ArrayList<>();
    lines.add(line("checkpoint", summary.folder().toString()));
    lines.add(line("layout", summary.layout()));
    lines.add(line("pipeline", summary.pipeline()));
    lines.add(line("weights", weights(summary)));
    summary
        .components()
        .forEach(component -> lines.add(line("  " + component.name(), of(component))));
    summary.parameters().ifPresent(parameters -> lines.add(line("  in all", millions(parameters))));
    lines.add(
        line(
            "native size",
            summary.width().isPresent()
                ? summary.width().getAsInt() + "x" + summary.height().getAsInt()
                : "unknown"));
    lines.add(line("frames", frames(summary)));
    lines.add(line("scheduler", summary.scheduler().orElse("unknown")));
    lines.add(line("prediction", summary.predictionType().orElse("unknown")));
    for (Precision precision : Precision.concrete()) {
      Memory memory = summary.memory(precision);
      lines.add(
          line(
              "memory " + precision,
              String.format(
                  Locale.ROOT,
                  "%.2f GB for all weights, %.2f GB for the largest network alone",
                  memory.allNetworks() / GB,
                  memory.largestNetwork() / GB)));
    }
    planned.forEach(
        (policy, bytes) ->
            lines.add(
                line(
                    "--offload " + policy,
                    String.format(
                        Locale.ROOT,
                        "%.2f GB at the most for one video on this machine",
                        bytes / GB))));
    lines.add(line("licence", summary.licence().orElse(UNKNOWN_LICENCE)));
    summary.problems().forEach(problem -> lines.add(line("problem", problem)));
    return lines;
  }

  private static String line(String name, String value) {
    return "%-19s %s".formatted(name, value);
  }

  private static String weights(CheckpointSummary summary) {
    String chosen = summary.variant().orElse("plain");
    List<String> others = new ArrayList<>(new TreeSet<>(summary.variants()));
    others.removeIf(chosen::equals);
    return others.isEmpty()
        ? chosen
        : chosen + " (there are also: " + String.join(", ", others) + ")";
  }

  private static String of(Component component) {
    return component.parameters().isPresent()
        ? millions(component.parameters().getAsLong())
            + ", "
            + String.join(", ", new TreeSet<>(component.dtypes()))
        : component.problem().orElse("unknown");
  }

  private static String millions(long parameters) {
    return String.format(Locale.ROOT, "%.1f M parameters", parameters / MILLION);
  }

  private static String frames(CheckpointSummary summary) {
    return summary.frames().isPresent()
        ? summary.frames().getAsInt() + " at " + summary.framesPerSecond().orElse(0) + " a second"
        : "not named by the checkpoint; 16 at 8 a second unless set";
  }

  /** planned: bytes by offload policy, empty if not known. */
  static Map<String, @Nullable Object> json(CheckpointSummary summary, Map<String, Long> planned) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("checkpoint", summary.folder().toString());
    json.put("layout", summary.layout());
    json.put("pipeline", summary.pipeline());
    json.put("variant", summary.variant().orElse(null));
    json.put("variants", new TreeSet<>(summary.variants()));
    Map<String, Object> components = new LinkedHashMap<>();
    for (Component component : summary.components()) {
      components.put(component.name(), json(component));
    }
    json.put("components", components);
    json.put(
        "parameters", summary.parameters().isPresent() ? summary.parameters().getAsLong() : null);
    json.put("width", summary.width().isPresent() ? summary.width().getAsInt() : null);
    json.put("height", summary.height().isPresent() ? summary.height().getAsInt() : null);
    json.put("frames", summary.frames().isPresent() ? summary.frames().getAsInt() : null);
    json.put(
        "framesPerSecond",
        summary.framesPerSecond().isPresent() ? summary.framesPerSecond().getAsDouble() : null);
    json.put("scheduler", summary.scheduler().orElse(null));
    json.put("predictionType", summary.predictionType().orElse(null));
    Map<String, Object> memory = new LinkedHashMap<>();
    for (Precision precision : Precision.concrete()) {
      Memory bytes = summary.memory(precision);
      memory.put(
          precision.toString(),
          Map.of(
              "allNetworksBytes", bytes.allNetworks(),
              "largestNetworkBytes", bytes.largestNetwork()));
    }
    json.put("memory", memory);
    json.put("offload", planned);
    json.put("licence", summary.licence().orElse(null));
    return json;
  }

  private static Map<String, @Nullable Object> json(Component component) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put(
        "parameters",
        component.parameters().isPresent() ? component.parameters().getAsLong() : null);
    json.put("dtypes", new TreeSet<>(component.dtypes()));
    json.put("problem", component.problem().orElse(null));
    return json;
  }
}
