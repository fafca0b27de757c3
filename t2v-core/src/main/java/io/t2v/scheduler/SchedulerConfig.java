package io.t2v.scheduler;

import io.t2v.internal.files.JsonConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@code scheduler_config.json}.
 *
 * @param className the reference's name of the scheduler that the file was written for ({@code
 *     _class_name}), such as {@code DDIMScheduler}; empty if it does not say
 * @param options every other option, by its name in the file, without those that begin with an
 *     underscore. A null means the reference's {@code None}, which is not always the default
 * @param origin where the options come from, such as the file, for error messages; may be empty
 */
public record SchedulerConfig(
    String className, Map<String, @Nullable Object> options, String origin) {
  /**
   * Copies the options.
   *
   * @param className the class that the file was written for
   * @param options the options
   * @param origin where they come from
   */
  public SchedulerConfig {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Takes options that were not read from a file.
   *
   * @param className the class that they were written for
   * @param options the options
   */
  public SchedulerConfig(String className, Map<String, @Nullable Object> options) {
    this(className, options, "");
  }

  /**
   * Takes the options of a checkpoint.
   *
   * @param json such as {@code checkpoint.schedulerConfig()}
   * @return the options, without those that begin with an underscore
   * @throws io.t2v.checkpoint.CheckpointException if {@code _class_name} is no string
   */
  public static SchedulerConfig of(JsonConfig json) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>(json.fields());
    options.keySet().removeIf(name -> name.startsWith("_"));
    return new SchedulerConfig(json.text("_class_name", ""), options, json.origin());
  }

  /**
   * Reads what the denoiser predicts, for a scheduler of one's own.
   *
   * @return the {@code prediction_type}, by default the noise
   * @throws IllegalArgumentException if it is none of the known ones
   */
  public PredictionType predictionType() {
    return read(Options.PREDICTION_TYPE, PredictionType.EPSILON);
  }

  /**
   * Reads a whole number, for a scheduler of one's own.
   *
   * @param option its name
   * @param min the least value
   * @param max the greatest value
   * @param otherwise what stands for an absent option
   * @return the value
   * @throws IllegalArgumentException if it is no such number
   */
  public int whole(String option, int min, int max, int otherwise) {
    return read(Option.whole(option, min, max), otherwise);
  }

  /**
   * Reads a number, for a scheduler of one's own.
   *
   * @param option its name
   * @param min the least value
   * @param max the greatest value
   * @param otherwise what stands for an absent option
   * @return the value
   * @throws IllegalArgumentException if it is no such number
   */
  public double number(String option, double min, double max, double otherwise) {
    return read(Option.number(option, min, max), otherwise);
  }

  /**
   * Reads a truth value, for a scheduler of one's own.
   *
   * @param option its name
   * @param otherwise what stands for an absent option
   * @return the value
   * @throws IllegalArgumentException if it is neither true nor false
   */
  public boolean flag(String option, boolean otherwise) {
    return read(Option.flag(option), otherwise);
  }

  /**
   * Refuses options that no scheduler knows, for a scheduler of one's own. Those of the library's
   * family pass: a configuration may have been written for another class.
   *
   * @param own names of the scheduler's own options
   * @throws IllegalArgumentException that names the first option that nobody knows
   */
  public void refuseUnknownOptions(Set<String> own) {
    options.forEach(
        (name, value) -> {
          if (!own.contains(name)) {
            Optional<String> problem = Options.problemOfIgnoring(name, value);
            if (problem.isPresent()) {
              throw invalid(problem.get() + "; expected " + new TreeSet<>(own));
            }
          }
        });
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

  IllegalArgumentException invalid(String message) {
    return new IllegalArgumentException(origin.isEmpty() ? message : origin + ": " + message);
  }
}
