package io.t2v.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A video that a file of prompts asks for.
 *
 * @param prompt what it shows
 * @param settings by their names in the JSON that {@code --json} prints; what is missing is left to
 *     the command line
 */
record PromptLine(String prompt, Map<String, Object> settings) {
  private static final String OUTPUT = "output";
  private static final int MOST_MEBIBYTES = 64;
  private static final String CONTENT = "prompts";

  PromptLine {
    settings = Map.copyOf(settings);
  }

  /** A prompt without settings of its own. */
  static PromptLine of(String prompt) {
    return new PromptLine(prompt, Map.of());
  }

  /**
   * Reads a file of prompts, one a line: a sentence, or a JSON object. Empty lines, and lines that
   * begin with #, are left out.
   *
   * @param file in UTF-8, or a pipe; {@code -} for stdin
   * @param in stdin
   * @throws FailureException if a line cannot be read, or there is none
   */
  static List<PromptLine> read(Path file, InputStream in) throws IOException {
    TextFile text =
        file.toString().equals("-")
            ? TextFile.read(in, "-", MOST_MEBIBYTES, CONTENT)
            : TextFile.read(file, MOST_MEBIBYTES, CONTENT);
    List<PromptLine> lines = new ArrayList<>();
    for (int i = 0; i < text.lines().size(); i++) {
      String line = text.lines().get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        lines.add(parse(line, file + ", line " + (i + 1)));
      }
    }
    if (lines.isEmpty()) {
      throw new FailureException(file + " holds no prompt, expected one a line.");
    }
    return lines;
  }

  private static PromptLine parse(String text, String where) {
    if (text.indexOf('\0') >= 0) {
      throw new FailureException(where + " holds a zero byte, expected text in UTF-8.");
    }
    if (!text.startsWith("{")) {
      return of(text);
    }
    Map<String, Object> settings;
    try (JsonParser parser = JSON.std.createParser(text)) {
      settings = new LinkedHashMap<>(JSON.std.mapFrom(parser));
      if (parser.nextToken() != null) {
        throw new FailureException(
            where + " has more after its JSON object, expected one object a line.");
      }
    } catch (IOException e) {
      throw new FailureException(
          where + " is no JSON object: " + firstLine(String.valueOf(e.getMessage())));
    }
    settings.values().removeIf(value -> value == null);
    Object prompt = settings.remove(Provenance.PROMPT);
    if (!(prompt instanceof String words) || words.isBlank()) {
      throw new FailureException(where + " has no \"prompt\", expected a sentence.");
    }
    TreeSet<String> unknown = new TreeSet<>(settings.keySet());
    unknown.removeAll(RecordedSettings.NAMES);
    unknown.removeAll(List.of(OUTPUT, Provenance.SEED, Provenance.NEGATIVE_PROMPT));
    if (!unknown.isEmpty()) {
      TreeSet<String> known = new TreeSet<>(RecordedSettings.NAMES);
      known.addAll(List.of(OUTPUT, Provenance.SEED, Provenance.NEGATIVE_PROMPT, Provenance.PROMPT));
      throw new FailureException(
          "%s has \"%s\", expected some of %s."
              .formatted(where, unknown.first(), String.join(", ", known)));
    }
    PromptLine line = new PromptLine(words, settings);
    line.requireName(where);
    return line;
  }

  private void requireName(String where) {
    try {
      output();
    } catch (InvalidPathException e) {
      throw new FailureException(
          "%s has \"output\": \"%s\", expected the name of a file: %s"
              .formatted(where, e.getInput(), e.getReason()),
          e);
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  Optional<Path> output() {
    return text(OUTPUT).map(Path::of);
  }

  Optional<String> negativePrompt() {
    return text(Provenance.NEGATIVE_PROMPT);
  }

  Optional<Long> seed() {
    return settings.get(Provenance.SEED) instanceof Number number
        ? Optional.of(number.longValue())
        : Optional.empty();
  }

  private Optional<String> text(String name) {
    return settings.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** The settings that all videos of one request share. */
  Map<String, Object> settingsOfRequest() {
    Map<String, Object> shared = new LinkedHashMap<>(settings);
    shared.keySet().retainAll(RecordedSettings.NAMES);
    return shared;
  }
}
