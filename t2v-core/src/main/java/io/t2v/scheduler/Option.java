package io.t2v.scheduler;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One option of a scheduler: its name in {@code scheduler_config.json}, and the values it takes.
 *
 * @param <T> type of its values in Java
 */
final class Option<T> {
  /** Turns what a file or a caller says into a value; null if it is none of the accepted ones. */
  @FunctionalInterface
  private interface Reader<T> {
    @Nullable T read(@Nullable Object raw);
  }

  private final String name;
  private final String expected;
  private final Reader<T> reader;

  private Option(String name, String expected, Reader<T> reader) {
    this.name = name;
    this.expected = expected;
    this.reader = reader;
  }

  static Option<Boolean> flag(String name) {
    return new Option<>(name, "true or false", raw -> raw instanceof Boolean b ? b : null);
  }

  static Option<Integer> integer(String name, int min, int max) {
    return new Option<>(
        name,
        "a whole number from " + min + " to " + max,
        raw -> {
          @Nullable Double number = number(raw);
          return number != null && number == Math.rint(number) && number >= min && number <= max
              ? Integer.valueOf(number.intValue())
              : null;
        });
  }

  static Option<Double> number(String name, double min, double max) {
    return number(name, "a number from " + min + " to " + max, min, max);
  }

  /** A number above 0. */
  static Option<Double> positive(String name, double max) {
    return number(name, "a number above 0, at most " + max, Double.MIN_VALUE, max);
  }

  private static Option<Double> number(String name, String expected, double min, double max) {
    return new Option<>(
        name,
        expected,
        raw -> {
          @Nullable Double number = number(raw);
          return number != null && number >= min && number <= max ? number : null;
        });
  }

  static <E extends Enum<E> & ConfigValue> Option<E> choice(String name, List<E> choices) {
    String expected =
        choices.stream()
            .map(ConfigValue::configName)
            .collect(Collectors.joining(", ", "one of ", ""));
    return new Option<>(
        name,
        expected,
        raw ->
            choices.stream()
                .filter(one -> one == raw || one.configName().equals(raw))
                .findFirst()
                .orElse(null));
  }

  static Option<List<Double>> numbers(String name, double min, double max) {
    return new Option<>(
        name,
        "a list of numbers from " + min + " to " + max,
        raw -> {
          if (!(raw instanceof List<?> list)) {
            return null;
          }
          List<Double> numbers = new ArrayList<>(list.size());
          for (Object one : list) {
            @Nullable Double number = number(one);
            if (number == null || number < min || number > max) {
              return null;
            }
            numbers.add(number);
          }
          return List.copyOf(numbers);
        });
  }

  /** A word that can only be one. */
  static Option<String> word(String name, String only) {
    return new Option<>(name, only, raw -> only.equals(raw) ? only : null);
  }

  /** The same option where it may also be null, the reference's {@code None}. */
  Option<Optional<T>> orNull() {
    return new Option<>(
        name,
        expected + ", or null",
        raw -> {
          @Nullable Object given = raw instanceof Optional<?> some ? some.orElse(null) : raw;
          if (given == null) {
            return Optional.empty();
          }
          @Nullable T value = reader.read(given);
          return value == null ? null : Optional.of(value);
        });
  }

  /**
   * The same option, where words that mean something to another scheduler stand for a value here.
   */
  Option<T> withAliases(T value, String... aliases) {
    return new Option<>(
        name, expected, raw -> Arrays.asList(aliases).contains(raw) ? value : reader.read(raw));
  }

  String name() {
    return name;
  }

  /**
   * Checks a value and brings it into its Java type.
   *
   * @param raw what the file or the caller says
   * @return the value
   * @throws IllegalArgumentException that names the option, the value, and what was expected
   */
  T read(@Nullable Object raw) {
    @Nullable T value = reader.read(raw);
    if (value == null) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %s, expected %s", name, raw, expected));
    }
    return value;
  }

  /** Turns a value into what a configuration file holds. */
  static Optional<Object> write(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(present -> write(present).orElseThrow());
    }
    return Optional.of(value instanceof ConfigValue choice ? choice.configName() : value);
  }

  // JSON has no infinities: some files spell them as strings
  private static final Map<String, Double> INFINITIES =
      ImmutableMap.of(
          "-Infinity", Double.NEGATIVE_INFINITY,
          "-inf", Double.NEGATIVE_INFINITY,
          "Infinity", Double.POSITIVE_INFINITY,
          "inf", Double.POSITIVE_INFINITY);

  private static @Nullable Double number(@Nullable Object raw) {
    if (raw instanceof Number number) {
      return number.doubleValue();
    }
    return raw instanceof String text ? INFINITIES.get(text) : null;
  }
}
