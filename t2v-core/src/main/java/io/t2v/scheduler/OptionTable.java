package io.t2v.scheduler;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options that one scheduler has, with their defaults, in the order of its configuration. */
final class OptionTable {
  private final ImmutableMap<String, Entry<?>> entries;

  private record Entry<T>(Option<T> option, T standard) {
    Object read(@Nullable Object raw) {
      return option.read(raw);
    }
  }

  private OptionTable(ImmutableMap<String, Entry<?>> entries) {
    this.entries = entries;
  }

  static OptionTable empty() {
    return new OptionTable(ImmutableMap.of());
  }

  /** The same table with one option more, or with another range or default for it. */
  <T> OptionTable with(Option<T> option, T standard) {
    return new OptionTable(
        ImmutableMap.<String, Entry<?>>builder()
            .putAll(entries)
            .put(option.name(), new Entry<>(option, standard))
            .buildKeepingLast());
  }

  /** With dynamic thresholding, off by default. */
  OptionTable withThresholding() {
    return with(Options.THRESHOLDING, false)
        .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
        .with(Options.SAMPLE_MAX_VALUE, 1.0);
  }

  /** With a choice of timesteps. */
  OptionTable withSpacing(TimestepSpacing standard) {
    return with(Options.TIMESTEP_SPACING, standard).with(Options.STEPS_OFFSET, 0);
  }

  /** With rules that place the noise levels of a run, and their range. */
  OptionTable withLevelRules() {
    return with(Options.USE_KARRAS_SIGMAS, false)
        .with(Options.USE_EXPONENTIAL_SIGMAS, false)
        .with(Options.USE_BETA_SIGMAS, false)
        // in few signatures of the reference, but read by all where a configuration has them
        .with(Options.SIGMA_MIN, Optional.empty())
        .with(Options.SIGMA_MAX, Optional.empty());
  }

  Set<String> names() {
    return entries.keySet();
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * Checks a value.
   *
   * @param name an option of this table
   * @param raw its value, from a file or a caller
   * @return the value in its Java type
   * @throws IllegalArgumentException if the option does not take it
   */
  Object read(String name, @Nullable Object raw) {
    Entry<?> entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no option " + name + ", expected one of " + this);
    }
    return entry.read(raw);
  }

  /** The names, for error messages. */
  @Override
  public String toString() {
    return String.join(", ", entries.keySet());
  }

  /** All options: those chosen, and the rest by default. */
  OptionValues values(Map<String, Object> chosen) {
    Map<String, Object> all = new LinkedHashMap<>();
    entries.forEach((name, entry) -> all.put(name, chosen.getOrDefault(name, entry.standard())));
    return new OptionValues(ImmutableMap.copyOf(all));
  }
}
