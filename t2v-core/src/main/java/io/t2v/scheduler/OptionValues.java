package io.t2v.scheduler;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;

/**
 * The checked options of one scheduler.
 *
 * @param byName option name to value, complete
 */
record OptionValues(ImmutableMap<String, Object> byName) {
  @SuppressWarnings("unchecked") // the table read the value with this option's own reader
  <T> T get(Option<T> option) {
    return (T) requireNonNull(byName.get(option.name()), option.name());
  }

  /** The value of an option, or a default for a scheduler without it. */
  <T> T getOr(Option<T> option, T standard) {
    return byName.containsKey(option.name()) ? get(option) : standard;
  }

  /** Whether a flag is set; false for a scheduler without it. */
  boolean isOn(Option<Boolean> flag) {
    return Boolean.TRUE.equals(byName.get(flag.name()));
  }

  /** The options as a configuration file holds them; those that are null are left out. */
  ImmutableMap<String, Object> toConfig() {
    ImmutableMap.Builder<String, Object> config = ImmutableMap.builder();
    byName.forEach(
        (name, value) -> Option.write(value).ifPresent(written -> config.put(name, written)));
    return config.buildOrThrow();
  }
}
