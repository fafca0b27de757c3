package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Provenance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
   * @param file in UTF-8; {@code -} for stdin
   * @param in stdin
   * @throws FailureException if a line cannot be read, or there is none
   */
  static List<PromptLine> read(Path file, InputStream in) throws IOException {
    List<PromptLine> lines = new ArrayList<>();
    try (BufferedReader reader = open(file, in)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = line.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
          lines.add(parse(text, file + ", line " + number));
        }
      }
    }
    if (lines.isEmpty()) {
      throw new FailureException(file + " holds no prompt, expected one a line.");
    }
    return lines;
  }

  private static BufferedReader open(Path file, InputStream in) throws IOException {
    if (file.toString().equals("-")) {
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
    if (!Files.isRegularFile(file)) {
      throw new FailureException("There is no file " + file + ", expected one with prompts.");
    }
    return Files.newBufferedReader(file, StandardCharsets.UTF_8);
  }

  private static PromptLine parse(String text, String where) {
    if (!text.startsWith("{")) {
      return of(text);
    }
    Map<String, Object> settings;
    try {
      settings = new LinkedHashMap<>(JSON.std.mapFrom(text));
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
    return new PromptLine(words, settings);
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
