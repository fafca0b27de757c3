package io.t2v.internal.clip;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
import io.t2v.internal.io.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object, and the file it comes from for messages. */
record JsonFile(Path file, Map<String, @Nullable Object> values) {
  /** Far above the 4 MB of the largest known vocabulary with merges. */
  static final int MAX_BYTES = 64 << 20;

  static JsonFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new CheckpointException(
          ("%s: the file is missing. A tokenizer folder holds vocab.json and merges.txt, or "
                  + "tokenizer.json: name the folder of a whole checkpoint.")
              .formatted(file));
    }
    try {
      return new JsonFile(file, Json.readObject(file, MAX_BYTES));
    } catch (JsonException e) {
      throw new CheckpointException(
          e.getMessage() + ". Copy the file again from the checkpoint.", e);
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
      return new JsonFile(file, (Map<String, @Nullable Object>) map);
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
    return new CheckpointException(
        "%s: %s, found %s. %s".formatted(file, expected, Printable.of(found), cure));
  }
}
