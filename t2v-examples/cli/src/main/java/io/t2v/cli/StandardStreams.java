package io.t2v.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The streams that a command was started with, and what is known of them.
 *
 * @param in stdin
 * @param out stdout, for the bytes of a file
 * @param outIsTerminal whether stdout is a terminal
 * @param errIsTerminal whether stderr is a terminal, on which a line can be drawn over
 * @param columns width of the terminal
 * @param colors whether the terminal shows 24-bit colors
 */
record StandardStreams(
    InputStream in,
    OutputStream out,
    boolean outIsTerminal,
    boolean errIsTerminal,
    int columns,
    boolean colors) {
  private static final int USUAL_COLUMNS = 80;
  private static final Pattern ROWS_AND_COLUMNS = Pattern.compile("\\d+ ([1-9]\\d*)");

  /** Those of this process. */
  static StandardStreams ofProcess() {
    boolean errIsTerminal = !"dumb".equals(System.getenv("TERM")) && isTerminal(2);
    return new StandardStreams(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        isTerminal(1),
        errIsTerminal,
        errIsTerminal ? columnsOfTerminal() : USUAL_COLUMNS,
        TerminalPicture.isShownBy(System.getenv().getOrDefault("COLORTERM", "")));
  }

  /** Whether pictures can be drawn on stderr. */
  boolean showsPictures() {
    return errIsTerminal && colors;
  }

  /**
   * Java knows of stdin and stdout alone, and from JDK 22 on not even of these. POSIX systems have
   * a program that tells; elsewhere stderr gets lines, which are right everywhere.
   */
  private static boolean isTerminal(int descriptor) {
    if (!isPosix()) {
      return false;
    }
    try {
      Process test =
          new ProcessBuilder("test", "-t", String.valueOf(descriptor)).inheritIO().start();
      return test.waitFor(1, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int columnsOfTerminal() {
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      Matcher matcher = ROWS_AND_COLUMNS.matcher(size.strip());
      return matcher.matches() ? Integer.parseInt(matcher.group(1)) : USUAL_COLUMNS;
    } catch (IOException e) {
      return USUAL_COLUMNS;
    }
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
