package io.t2v;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What Jazzer calls to build whole pipelines on checkpoints of which one file is damaged, and to
 * generate a frame with those that build: of the checkpoint {@code model}. Whatever is in the file,
 * no exception comes out that docs/security.md does not list for its place.
 *
 * <p>The first byte of an input chooses the file. Below {@link #OPTIONS} the others are its
 * content; from there on they put hostile values in the place of options of the JSON file.
 */
public final class BuildsFuzz {
  /** The first of the bytes that choose a file and put hostile values into it. */
  static final int OPTIONS = 128;

  /** As JSON texts. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "-1",
          "0",
          "1",
          "3",
          "2147483647",
          "9223372036854775808",
          "0.5",
          "1e-320",
          "1e308",
          "NaN",
          "-Infinity",
          "true",
          "false",
          "\"\"",
          "\"x\"",
          "[]",
          "[1, null, \"x\"]",
          "[4, 4, 4, 4]",
          "{}",
          "{\"a\": 1}");

  private static final GenerationRequest REQUEST =
      GenerationRequest.builder("a red circle").steps(1).frames(1).seed(1).build();

  private BuildsFuzz() {}

  /** Jazzer looks for this name. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    Path model = Path.of(System.getProperty(Fuzzing.FOLDER), "model");
    List<Path> files = files(model);
    int choice = input[0] & 0xff;
    Path file = files.get(choice % OPTIONS % files.size());
    byte[] original = Files.readAllBytes(file);
    try {
      if (choice < OPTIONS) {
        Files.write(file, Arrays.copyOfRange(input, 1, input.length));
      } else if (file.toString().endsWith(".json")) {
        Files.writeString(file, withHostileOptions(original, input));
      }
      buildAndGenerate(model);
    } finally {
      Files.write(file, original);
    }
  }

  /** Those of the checkpoint, always in the same order. */
  static List<Path> files(Path model) throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Pairs of bytes: an option, counted through all levels, and its new value. */
  private static String withHostileOptions(byte[] original, byte[] input) throws IOException {
    Map<String, Object> json = JSON.std.mapFrom(new String(original, StandardCharsets.UTF_8));
    for (int i = 1; i + 1 < input.length; i += 2) {
      List<Map<String, Object>> owners = new ArrayList<>();
      List<String> names = new ArrayList<>();
      collect(json, owners, names);
      int option = (input[i] & 0xff) % names.size();
      int value = (input[i + 1] & 0xff) % VALUES.size();
      owners.get(option).put(names.get(option), marked(value));
    }
    String text = JSON.std.asString(json);
    for (int i = 0; i < VALUES.size(); i++) {
      text = text.replace('"' + marked(i) + '"', VALUES.get(i));
    }
    return text;
  }

  private static String marked(int value) {
    return "value-" + value + "-";
  }

  @SuppressWarnings("unchecked") // JSON has no other keys
  private static void collect(
      Map<String, Object> json, List<Map<String, Object>> owners, List<String> names) {
    json.forEach(
        (name, value) -> {
          owners.add(json);
          names.add(name);
          if (value instanceof Map) {
            collect((Map<String, Object>) value, owners, names);
          }
        });
  }

  private static void buildAndGenerate(Path model) {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).memoryLimit(1L << 28).build()) {
      generate(pipeline);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }

  private static void generate(TextToVideoPipeline pipeline) {
    try {
      pipeline.generate(REQUEST);
    } catch (IllegalArgumentException
        | InsufficientMemoryException
        | NonFiniteValueException
        | CheckpointException e) {
      // refused, as it should be
    }
  }
}
