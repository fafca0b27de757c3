package io.t2v.spark;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.hash.Hashing;
import io.t2v.GenerationRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table of prompts.
 *
 * @param id of the column {@code id}, if there is one
 * @param settings what is set, by the name of its column
 */
record PromptRow(@Nullable Object id, Map<String, Object> settings) {
  private static final String ID = "id";

  static PromptRow of(Row row) {
    Map<String, Object> settings = new TreeMap<>();
    for (String column : row.schema().fieldNames()) {
      Object value = row.getAs(column);
      if (value != null) {
        settings.put(column, value);
      }
    }
    Object id = settings.remove(ID);
    return new PromptRow(id, settings);
  }

  /**
   * Returns the request that the row stands for.
   *
   * @throws IllegalArgumentException if a column is no setting of requests, or its value is not
   *     possible
   * @throws IllegalStateException if settings contradict each other
   */
  GenerationRequest request() {
    Map<String, Object> properties = new TreeMap<>(settings);
    if (!(properties.get("prompt") instanceof String prompt) || prompt.isBlank()) {
      throw new IllegalArgumentException("prompt is blank or missing, expected a sentence");
    }
    rename(properties, "prompt", "prompts", List::of);
    rename(properties, "negativePrompt", "negativePrompts", List::of);
    rename(properties, "seed", "seeds", List::of);
    Object width = properties.remove("width");
    Object height = properties.remove("height");
    if (width != null && height != null) {
      properties.put("size", List.of(width, height));
    } else if (width != null || height != null) {
      throw new IllegalArgumentException("width and height are expected together");
    }
    return GenerationRequest.fromProperties(properties);
  }

  private static void rename(
      Map<String, Object> properties, String from, String to, Function<Object, Object> change) {
    Object value = properties.remove(from);
    if (value != null) {
      properties.put(to, change.apply(value));
    }
  }

  /**
   * Returns the digest that names a request's file: the same for the same settings and model, in
   * whatever order and form the table has them.
   *
   * @return 64 hexadecimal digits
   */
  static String digest(GenerationRequest request, String model) {
    Map<String, Object> all = new TreeMap<>(request.toProperties());
    all.put("model", model);
    try {
      return Hashing.sha256().hashString(JSON.std.asString(all), StandardCharsets.UTF_8).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A row without a seed gets one that its other settings choose, so that a rerun has the same. */
  static GenerationRequest withSeed(GenerationRequest request, String digest) {
    return request.seeds().isEmpty()
        ? request.toBuilder().seed(Long.parseLong(digest.substring(0, 8), 16)).build()
        : request;
  }
}
