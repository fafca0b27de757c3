package io.t2v.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own, which may crash, be killed, or be started in another way than the tests' is.
 */
public final class ChildJvm {
  private final Process process;
  private final Path output;

  private ChildJvm(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** What it printed on both of its streams, and how it ended. */
  public record Result(int exitCode, String output) {}

  /** The class path of the tests. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Starts it with these options in a folder, where it writes what it prints and its crash log. */
  public static ChildJvm start(Path folder, List<String> options) throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new ChildJvm(process, output);
  }

  public static Result run(Path folder, List<String> options)
      throws IOException, InterruptedException {
    return start(folder, options).await();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it as the system does: it cleans nothing up. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public Result await() throws InterruptedException {
    int exitCode = process.waitFor();
    return new Result(exitCode, output());
  }

  public String output() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
