package io.t2v.cli;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns the library's complaints about values into errors of usage that name the option. */
final class Usage {
  /** What the library calls a setting, and what the command line does. */
  private static final Map<String, String> OPTIONS =
      Map.of(
          "width", "--size",
          "height", "--size",
          "steps", "--steps",
          "clipSkip", "--clip-skip");

  private Usage() {}

  /** Hands an option's value on, if it was given. */
  static <T> void check(
      CommandSpec spec, String option, @Nullable T value, Consumer<? super T> setter) {
    if (value == null) {
      return;
    }
    try {
      setter.accept(value);
    } catch (IllegalArgumentException e) {
      throw invalid(spec, option, e);
    }
  }

  /** Changes a setting by an option's value, if it was given. */
  static <S, T> S changed(
      CommandSpec spec,
      String option,
      @Nullable T value,
      S setting,
      BiFunction<S, ? super T, S> change) {
    if (value == null) {
      return setting;
    }
    try {
      return change.apply(setting, value);
    } catch (IllegalArgumentException e) {
      throw invalid(spec, option, e);
    }
  }

  /** The error for a request that does not fit the model. */
  static ParameterException misfit(CommandSpec spec, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    String option = OPTIONS.get(message.split(" ", 2)[0]);
    return option == null
        ? new ParameterException(spec.commandLine(), message, e)
        : invalid(spec, option, e);
  }

  private static ParameterException invalid(CommandSpec spec, String option, RuntimeException e) {
    return new ParameterException(
        spec.commandLine(), "Invalid value for option '" + option + "': " + e.getMessage(), e);
  }
}
