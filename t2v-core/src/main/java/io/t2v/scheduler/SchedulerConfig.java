package io.t2v.scheduler;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@code scheduler_config.json}.
 *
 * @param className the reference's name of the scheduler that the file was written for ({@code
 *     _class_name}), such as {@code DDIMScheduler}
 * @param options every other option, by its name in the file, without those that begin with an
 *     underscore. A null means the reference's {@code None}, which is not always the default
 */
public record SchedulerConfig(String className, Map<String, @Nullable Object> options) {
  /**
   * Copies the options.
   *
   * @param className the class that the file was written for
   * @param options the options
   */
  public SchedulerConfig {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }
}
