package io.t2v.internal.clip;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object, and the file it comes from for messages. */
record JsonFile(Path file, Map<String, Object> values) {
  static JsonFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new CheckpointException(
          ("%s: the file is missing. A tokenizer folder holds vocab.json and merges.txt, or "
                  + "tokenizer.json: name the folder of a whole checkpoint.")
              .formatted(file));
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      return new JsonFile(file, JSON.std.mapFrom(bytes));
    } catch (JacksonException e) {
      throw new CheckpointException(
          ("%s: expected a JSON object, found something else: %s Copy the file again from "
                  + "the checkpoint.")
              .formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  static JsonFile readIfPresent(Path file) throws IOException {
    return Files.exists(file) ? read(file) : new JsonFile(file, ImmutableMap.of());
  }

  @Nullable Object get(String key) {
    return values.get(key);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** The object under {@code key}, which must be there. */
  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  JsonFile object(String key) {
    if (values.get(key) instanceof Map<?, ?> map) {
      return new JsonFile(file, (Map<String, Object>) map);
    }
    throw wrongType(key, "an object");
  }

  /** The array under {@code key}, which must be there. */
  List<?> list(String key) {
    if (values.get(key) instanceof List<?> list) {
      return list;
    }
    throw wrongType(key, "an array");
  }

  private CheckpointException wrongType(String key, String type) {
    return malformed(
        "expected '%s' to be %s".formatted(key, type),
        has(key) ? String.valueOf(values.get(key)) : "nothing",
        "Copy the file again from the checkpoint.");
  }

  CheckpointException malformed(String expected, String found, String cure) {
    String shown = found.length() > 100 ? found.substring(0, 100) + "..." : found;
    return new CheckpointException("%s: %s, found %s. %s".formatted(file, expected, shown, cure));
  }
}
