package io.t2v.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Runs commands within a test. */
final class Commands {
  static final int COLUMNS = 110;

  private Commands() {}

  /**
   * What a command left.
   *
   * @param code its exit code
   * @param out text on stdout
   * @param err text on stderr
   * @param bytes of files on stdout
   */
  record Outcome(int code, String out, String err, byte[] bytes) {}

  /** With stdout and stderr in files, and nothing on stdin. */
  static Outcome t2v(String... arguments) {
    return t2vWithInput("", arguments);
  }

  static Outcome t2vWithInput(String in, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        T2v.commandLine(
            new StandardStreams(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                bytes,
                false,
                false,
                COLUMNS,
                false));
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = commandLine.execute(arguments);
    return new Outcome(code, out.toString(), err.toString(), bytes.toByteArray());
  }

  /** With stdout and stderr on one terminal that shows colors. */
  static TerminalScreen onTerminal(String... arguments) {
    StringWriter written = new StringWriter();
    PrintWriter terminal = new PrintWriter(written);
    CommandLine commandLine =
        T2v.commandLine(
            new StandardStreams(
                new ByteArrayInputStream(new byte[0]),
                new ByteArrayOutputStream(),
                true,
                true,
                COLUMNS,
                true));
    commandLine.setOut(terminal).setErr(terminal);
    commandLine.execute(arguments);
    return TerminalScreen.after(written.toString(), COLUMNS);
  }
}
