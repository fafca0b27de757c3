package io.t2v.contract;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the pipeline relies on in a plug-in, rule by rule. */
abstract class PlugInContract {
  private final String plugIn;

  PlugInContract(String plugIn) {
    this.plugIn = plugIn;
  }

  /** By its class, for plug-ins without a name. */
  PlugInContract(Object plugIn) {
    this(plugIn.getClass().getName());
  }

  /**
   * Checks every rule.
   *
   * @throws AssertionError if one is broken; it names the plug-in and the rule
   */
  public abstract void check();

  final void require(boolean kept, String problem, Object... values) {
    if (!kept) {
      throw broken(String.format(problem, values));
    }
  }

  final <T> T requireResult(String method, @Nullable T result) {
    if (result == null) {
      throw broken("returns null from " + method);
    }
    return result;
  }

  final AssertionError broken(String problem) {
    return new AssertionError(plugIn + " " + problem);
  }

  /** A fact that is asked for at any time, such as a name, and has to stay what it is. */
  final <T> T requireConstant(String method, Supplier<T> fact) {
    T first = requireResult(method, fact.get());
    require(Objects.equals(first, fact.get()), "changes its %s", method);
    return first;
  }

  final void requireDescription(Supplier<String> name, Supplier<Map<String, Object>> config) {
    require(!requireConstant("name", name).isBlank(), "has a blank name");
    requireConstant("config", config);
  }
}
