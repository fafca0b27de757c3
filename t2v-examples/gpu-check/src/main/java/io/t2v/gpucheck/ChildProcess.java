package io.t2v.gpucheck;

import io.t2v.CancellationToken;
import io.t2v.GenerationCancelledException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other programs. */
final class ChildProcess {
  private static final long POLL_MILLIS = 200;

  private ChildProcess() {}

  /** How a program ended, and what it wrote. */
  record Result(int code, String out, String err) {
    /** Of what it wrote to stderr. */
    String lastLine() {
      List<String> lines = err.lines().filter(line -> !line.isBlank()).toList();
      return lines.isEmpty() ? "exit code " + code : lines.get(lines.size() - 1).strip();
    }
  }

  /**
   * Runs a program to its end.
   *
   * @throws IOException if it cannot be started, or takes too long
   * @throws GenerationCancelledException if the token was cancelled; the program was ended
   */
  static Result run(List<String> command, Duration patience, CancellationToken token)
      throws IOException {
    Path out = Files.createTempFile("t2v-", ".out");
    Path err = Files.createTempFile("t2v-", ".err");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      try {
        process.getOutputStream().close();
        await(process, command.get(0), patience, token);
      } finally {
        process.destroyForcibly();
      }
      return new Result(process.exitValue(), text(out), text(err));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  private static void await(
      Process process, String program, Duration patience, CancellationToken token)
      throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (token.isCancelled()) {
          throw new GenerationCancelledException(program + " was cancelled");
        }
        if (System.nanoTime() - end > 0) {
          throw new IOException(
              program + " was ended: it took more than " + patience.toSeconds() + " s");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GenerationCancelledException(program + " was interrupted");
    }
  }

  /** Whatever its encoding is: what is looked for is ASCII. */
  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
