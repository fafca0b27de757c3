package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Puts hostile values in the place of values of a JSON text. */
public final class HostileOptions {
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

  private HostileOptions() {}

  /**
   * Replaces values.
   *
   * @param json an object with at least one value
   * @param choices pairs of bytes: a value, counted through all levels, and what replaces it
   * @param start of the first pair
   */
  public static byte[] in(byte[] json, byte[] choices, int start) throws IOException {
    Map<String, Object> values = JSON.std.mapFrom(new String(json, StandardCharsets.UTF_8));
    for (int i = start; i + 1 < choices.length; i += 2) {
      List<Map<String, Object>> owners = new ArrayList<>();
      List<String> names = new ArrayList<>();
      collect(values, owners, names);
      int option = (choices[i] & 0xff) % names.size();
      int value = (choices[i + 1] & 0xff) % VALUES.size();
      owners.get(option).put(names.get(option), marked(value));
    }
    String text = JSON.std.asString(values);
    for (int i = 0; i < VALUES.size(); i++) {
      text = text.replace('"' + marked(i) + '"', VALUES.get(i));
    }
    return text.getBytes(StandardCharsets.UTF_8);
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
}
