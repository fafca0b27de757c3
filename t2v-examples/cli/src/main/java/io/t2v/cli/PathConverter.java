package io.t2v.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a file, and says in the user's terms why there can be none of a name. */
final class PathConverter implements ITypeConverter<Path> {
  @Override
  public Path convert(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(message(e));
    }
  }

  /** The JVM encodes names of files by the locale; in C it knows ASCII alone. */
  static String message(InvalidPathException e) {
    boolean ascii = e.getInput().chars().allMatch(letter -> letter < 128);
    return "'%s' cannot be the name of a file here: %s"
        .formatted(
            e.getInput(),
            ascii
                ? e.getReason()
                : "the locale has no such letters; set the environment variable LC_ALL=C.UTF-8");
  }
}
