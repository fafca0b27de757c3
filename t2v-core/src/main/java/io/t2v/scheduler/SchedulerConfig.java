package io.t2v.scheduler;

import io.t2v.checkpoint.CheckpointException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@code scheduler_config.json}.
 *
 * <p>A wrong option is a {@link CheckpointException} that names the file and the option, or, where
 * the options have no origin, an {@link IllegalArgumentException} that names the option.
 *
 * @param className the reference's name of the scheduler that the file was written for ({@code
 *     _class_name}), such as {@code DDIMScheduler}; empty if it does not say
 * @param options every other option, by its name in the file, without those that begin with an
 *     underscore. A null means the reference's {@code None}, which is not always the default
 * @param origin the file that the options come from, for error messages; empty if they come from
 *     none
 * @param strict whether an option that no scheduler knows is refused even at a value at which it
 *     changes nothing, instead of a warning in the log
 */
public record SchedulerConfig(
    String className, Map<String, @Nullable Object> options, String origin, boolean strict) {
  /** Copies the options. */
  public SchedulerConfig {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Takes options that were not read from a file.
   *
   * @param className the class that they were written for, or empty
   * @param options the options
   */
  public SchedulerConfig(String className, Map<String, @Nullable Object> options) {
    this(className, options, "", false);
  }

  /**
   * Takes the fields of a {@code scheduler_config.json}.
   *
   * @param fields all of them, {@code _class_name} included; what else begins with an underscore is
   *     left out
   * @param origin the file, for error messages; empty if there is none
   * @return the options, not strict
   * @throws CheckpointException if there is an origin, and {@code _class_name} is no string
   * @throws IllegalArgumentException if there is none, and {@code _class_name} is no string
   */
  public static SchedulerConfig fromFields(
      Map<String, ? extends @Nullable Object> fields, String origin) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>(fields);
    options.keySet().removeIf(name -> name.startsWith("_"));
    @Nullable Object className = fields.containsKey("_class_name") ? fields.get("_class_name") : "";
    if (className instanceof String name) {
      return new SchedulerConfig(name, options, origin, false);
    }
    throw new SchedulerConfig("", options, origin, false)
        .invalid("_class_name is " + className + ", expected a string");
  }

  /**
   * Refuses every option that no scheduler knows.
   *
   * @return the same options, strict
   */
  public SchedulerConfig asStrict() {
    return new SchedulerConfig(className, options, origin, true);
  }

  /**
   * Reads what the denoiser predicts, for custom schedulers.
   *
   * @return the {@code prediction_type}, by default the noise
   * @throws CheckpointException if it is none of the known ones
   */
  public PredictionType predictionType() {
    return read(Options.PREDICTION_TYPE, PredictionType.EPSILON);
  }

  /**
   * Reads a whole number, for custom schedulers.
   *
   * @param option its name
   * @param min the least value
   * @param max the greatest value
   * @param otherwise what stands for an absent option
   * @return the value
   * @throws CheckpointException if it is no such number
   */
  public int integer(String option, int min, int max, int otherwise) {
    return read(Option.integer(option, min, max), otherwise);
  }

  /**
   * Reads a number, for custom schedulers.
   *
   * @param option its name
   * @param min the least value; may be negative infinity
   * @param max the greatest value; may be infinity
   * @param otherwise what stands for an absent option
   * @return the value, never NaN
   * @throws CheckpointException if it is no such number
   */
  public double number(String option, double min, double max, double otherwise) {
    return read(Option.number(option, min, max), otherwise);
  }

  /**
   * Reads a truth value, for custom schedulers.
   *
   * @param option its name
   * @param otherwise what stands for an absent option
   * @return the value
   * @throws CheckpointException if it is neither true nor false
   */
  public boolean flag(String option, boolean otherwise) {
    return read(Option.flag(option), otherwise);
  }

  /**
   * Refuses options that no scheduler knows, for custom schedulers. Those of the library's
   * schedulers pass: a configuration may have been written for another class. So do those at a
   * value at which they change nothing, with a warning in the log, unless this is {@link #strict}.
   *
   * @param own names of the scheduler's own options
   * @throws CheckpointException that names the first option that nobody knows
   */
  public void refuseUnknownOptions(Set<String> own) {
    ForeignOptions.check(this, className, new TreeSet<>(own));
  }

  /** Reads the options that a table has; the others are not looked at. */
  Map<String, Object> readAll(OptionTable table) {
    Map<String, Object> values = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          if (table.has(name)) {
            try {
              values.put(name, table.read(name, value));
            } catch (IllegalArgumentException e) {
              throw invalid(String.valueOf(e.getMessage()));
            }
          }
        });
    return values;
  }

  private <T> T read(Option<T> option, T otherwise) {
    try {
      return options.containsKey(option.name())
          ? option.read(options.get(option.name()))
          : otherwise;
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  /** The error for options that cannot be used: whoever wrote the file, or the caller, is wrong. */
  RuntimeException invalid(String problem) {
    return origin.isEmpty()
        ? new IllegalArgumentException(problem)
        : new CheckpointException(origin + ": " + problem);
  }
}
