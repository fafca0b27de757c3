package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class in a process of its own, which may crash or run out of memory. */
final class ChildJvm {
  private ChildJvm() {}

  /** What a process printed on both of its streams, and how it ended. */
  record Result(int exitCode, String output) {}

  static List<String> command(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  static Result run(Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(main, options, arguments)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), output);
  }
}
