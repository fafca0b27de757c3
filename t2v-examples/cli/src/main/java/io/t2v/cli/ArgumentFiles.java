package io.t2v.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Arguments in files: {@code @FILE} stands for those that a file holds, which may name further
 * files; {@code @@home} is the argument {@code @home}.
 *
 * <p>White space and line ends separate arguments. Quotes, single or double, keep what is between
 * them together; within them a backslash takes the next letter as it is, but for {@code \n}, {@code
 * \r}, {@code \t}, {@code \b} and {@code \f}. The rest of a line after {@code #} at the beginning
 * of an argument is a comment.
 */
final class ArgumentFiles {
  private static final int MOST_MEBIBYTES = 1;
  private static final String CONTENT = "arguments";

  private final List<String> expanded = new ArrayList<>();

  /** Those that are being read, each named by the one before it. */
  private final Set<Path> open = new LinkedHashSet<>();

  private ArgumentFiles() {}

  /**
   * Puts the arguments of files in the place of their names.
   *
   * @throws FailureException if a file is missing, no regular file, too large, no UTF-8, or has a
   *     quote that is not closed
   */
  static String[] expand(String... arguments) {
    ArgumentFiles files = new ArgumentFiles();
    for (String argument : arguments) {
      files.add(argument);
    }
    return files.expanded.toArray(String[]::new);
  }

  private void add(String argument) {
    if (argument.startsWith("@@")) {
      expanded.add(argument.substring(1));
    } else if (argument.startsWith("@") && argument.length() > 1) {
      addFile(argument.substring(1));
    } else {
      expanded.add(argument);
    }
  }

  private void addFile(String name) {
    Path file = existing(name);
    if (!open.add(file.toAbsolutePath().normalize())) {
      throw new FailureException("The file of arguments " + name + " names itself.");
    }
    try {
      TextFile text = TextFile.read(file, MOST_MEBIBYTES, CONTENT);
      for (int i = 0; i < text.lines().size(); i++) {
        new Line(text.lines().get(i), name + ", line " + (i + 1)).arguments().forEach(this::add);
      }
    } catch (IOException e) {
      throw new FailureException(
          "The file of arguments " + name + " cannot be read: " + e.getMessage(), e);
    }
    open.remove(file.toAbsolutePath().normalize());
  }

  /** A pipe or a device may never end: {@code @} is part of sentences, which must not hang. */
  private static Path existing(String name) {
    Path file;
    try {
      file = Path.of(name);
    } catch (InvalidPathException e) {
      throw missing(name);
    }
    if (!Files.exists(file)) {
      throw missing(name);
    }
    if (!Files.isDirectory(file) && !Files.isRegularFile(file)) {
      throw new FailureException(
          name + " is a device or a pipe, expected a file with " + CONTENT + ".");
    }
    return file;
  }

  private static FailureException missing(String name) {
    return new FailureException(
        "There is no file %s; write @@ for a prompt that begins with @.".formatted(name));
  }

  /** Reads the arguments of a line. */
  private static final class Line {
    private final String text;
    private final String where;
    private int position;

    Line(String text, String where) {
      this.text = text;
      this.where = where;
    }

    List<String> arguments() {
      List<String> arguments = new ArrayList<>();
      while (skipSpace()) {
        arguments.add(argument());
      }
      return arguments;
    }

    /** Returns whether an argument follows. */
    private boolean skipSpace() {
      while (position < text.length() && isSpace(text.charAt(position))) {
        position++;
      }
      return position < text.length() && text.charAt(position) != '#';
    }

    private String argument() {
      StringBuilder argument = new StringBuilder();
      while (position < text.length() && !isSpace(text.charAt(position))) {
        char letter = text.charAt(position++);
        if (letter == '"' || letter == '\'') {
          quoted(letter, argument);
        } else {
          argument.append(letter);
        }
      }
      return argument.toString();
    }

    private void quoted(char quote, StringBuilder argument) {
      while (position < text.length()) {
        char letter = text.charAt(position++);
        if (letter == quote) {
          return;
        }
        boolean escaped = letter == '\\' && position < text.length();
        argument.append(escaped ? escaped(text.charAt(position++)) : letter);
      }
      throw new FailureException(
          "%s has a quote %s that is not closed; write \"it's\" for it's.".formatted(where, quote));
    }

    private static char escaped(char letter) {
      return switch (letter) {
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'b' -> '\b';
        case 'f' -> '\f';
        default -> letter;
      };
    }

    private static boolean isSpace(char letter) {
      return letter <= ' ';
    }
  }
}
