package io.t2v.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/**
 * What an option gives to a frame, as in {@code 5=a blue square}.
 *
 * @param frame its index, from 0
 * @param value a text, or the name of a file
 */
record FrameValue(int frame, String value) {
  /** Reads {@code FRAME=VALUE}. */
  static final class Converter implements ITypeConverter<FrameValue> {
    @Override
    public FrameValue convert(String text) {
      int sign = text.indexOf('=');
      try {
        return new FrameValue(
            Integer.parseInt(text.substring(0, Math.max(0, sign))), text.substring(sign + 1));
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' names no frame, expected its number, = and a value, as in 5=VALUE");
      }
    }
  }

  /**
   * Sorts values by their frames, in the order in which they were given.
   *
   * @param option for messages
   * @throws ParameterException if a frame has two
   */
  static Map<Integer, String> byFrame(CommandSpec spec, String option, List<FrameValue> values) {
    Map<Integer, String> byFrame = new LinkedHashMap<>();
    for (FrameValue each : values) {
      String before = byFrame.put(each.frame(), each.value());
      if (before != null) {
        throw new ParameterException(
            spec.commandLine(),
            "Option '%s' was given twice for frame %s, as '%s' and as '%s', expected once"
                .formatted(option, each.frame(), before, each.value()));
      }
    }
    return byFrame;
  }
}
