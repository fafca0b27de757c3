package io.t2v;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One value of a builder: absent until it is set, and set at most once.
 *
 * @param <T> its type
 */
final class Setting<T> {
  private final String name;
  private @Nullable T value;
  private boolean inherited;

  Setting(String name) {
    this.name = name;
  }

  /** Copies a setting into another builder, where it may be replaced once. */
  Setting(Setting<T> other) {
    name = other.name;
    value = other.value;
    inherited = true;
  }

  /**
   * Sets the value.
   *
   * @throws IllegalStateException if it was set before; the message has both values
   */
  void set(T newValue) {
    if (value != null && !inherited) {
      throw new IllegalStateException(
          name + " was already set to " + value + ", now to " + newValue);
    }
    value = newValue;
    inherited = false;
  }

  boolean isSet() {
    return value != null;
  }

  Optional<T> get() {
    return Optional.ofNullable(value);
  }

  @Nullable T orNull() {
    return value;
  }

  T orElse(T otherwise) {
    return value == null ? otherwise : value;
  }

  String name() {
    return name;
  }

  /** Such as {@code steps = 25}. */
  @Override
  public String toString() {
    return name + " = " + value;
  }
}
