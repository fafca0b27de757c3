package io.t2v.gpucheck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was found, for people: a row for each check, with the figures that are numbers. */
final class Table {
  private static final int MOST_FIGURES = 6;

  private Table() {}

  static String of(List<Entry> entries) {
    int width = entries.stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
    StringBuilder table = new StringBuilder();
    for (Entry entry : entries) {
      table
          .append(
              String.format(
                  Locale.ROOT,
                  "%-" + Math.max(1, width) + "s  %-7s  %7.1f s  %s",
                  entry.name(),
                  entry.status(),
                  entry.seconds(),
                  entry.status() == Status.NOT_RUN ? firstLine(entry.why()) : figures(entry)))
          .append(System.lineSeparator());
    }
    return table.toString();
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** Of bars first: they are what was asked. */
  private static String figures(Entry entry) {
    Map<String, String> shown = new LinkedHashMap<>();
    for (Bar bar : entry.findings().bars()) {
      if (bar.value() != null) {
        shown.put(bar.what(), number(bar.value()) + (bar.status() == Status.FAILED ? " (!)" : ""));
      }
    }
    addNumbers(shown, entry.findings().figures());
    return String.join(
        ", ",
        shown.entrySet().stream()
            .limit(MOST_FIGURES)
            .map(figure -> figure.getKey() + " " + figure.getValue())
            .toList());
  }

  private static void addNumbers(Map<String, String> shown, Map<String, @Nullable Object> figures) {
    figures.forEach(
        (name, value) -> {
          if (value instanceof Double number) {
            shown.put(name, number(number));
          } else if (value instanceof Map<?, ?> nested
              && nested.get("medianSeconds") instanceof Double seconds) {
            shown.put(name, number(seconds) + " s");
          }
        });
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
