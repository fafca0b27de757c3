package io.t2v.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Width and height on the command line. */
record FrameSize(int width, int height) {
  /** Reads {@code 256x256}. */
  static final class Converter implements ITypeConverter<FrameSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})[xX×](\\d{1,5})");

    @Override
    public FrameSize convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + value + "' is no size, expected WIDTHxHEIGHT such as 256x256");
      }
      return new FrameSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }
  }
}
