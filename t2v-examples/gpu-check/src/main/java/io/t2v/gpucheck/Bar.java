package io.t2v.gpucheck;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A figure held against what is expected of it.
 *
 * @param what the figure is
 * @param value of it; null if it was not measured
 * @param expected such as {@code at most}; null if it was not measured
 * @param limit of the value; null if it was not measured
 * @param status whether it holds
 * @param why it was not measured; null if it was
 */
record Bar(
    String what,
    @Nullable Double value,
    @Nullable String expected,
    @Nullable Double limit,
    Status status,
    @Nullable String why) {

  static Bar atMost(String what, double value, double limit) {
    return measured(what, value, "at most", limit, value <= limit);
  }

  static Bar atLeast(String what, double value, double limit) {
    return measured(what, value, "at least", limit, value >= limit);
  }

  static Bar unheld(String what, String why) {
    return new Bar(what, null, null, null, Status.NOT_RUN, why);
  }

  private static Bar measured(
      String what, double value, String expected, double limit, boolean holds) {
    return new Bar(what, value, expected, limit, holds ? Status.PASSED : Status.FAILED, null);
  }

  /** In a line, for people. */
  String describe() {
    return value == null
        ? what + ": " + why
        : "%s is %s, expected %s %s".formatted(what, value, expected, limit);
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("what", what);
    map.put("status", status.toString());
    if (value == null) {
      map.put("why", why);
    } else {
      map.put("value", value);
      map.put("expected", expected);
      map.put("limit", limit);
    }
    return map;
  }
}
