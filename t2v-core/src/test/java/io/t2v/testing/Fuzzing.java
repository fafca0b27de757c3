package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Tries a reader with the inputs that it starts from, and with those that once made trouble, which
 * lie in a folder of its name in {@code fuzz} of the test resources.
 *
 * <p>With one of the properties {@code t2v.fuzz.runs} (how many inputs) and {@code
 * t2v.fuzz.seconds}, Jazzer makes up more of them, from {@code t2v.fuzz.seed}, in a JVM of its own,
 * since it instruments what it runs. CONTRIBUTING.md has the commands. What Jazzer says, and an
 * input that breaks something, are left in {@code target/fuzz}.
 */
public final class Fuzzing {
  private static final String SANITIZERS = "com.code_intelligence.jazzer.sanitizers.";

  private Fuzzing() {}

  /** Where a test resource lies. */
  public static Path resource(String name) {
    try {
      return Path.of(Resources.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Asserts that nothing breaks.
   *
   * @param folder temporary
   */
  public static void assertNothingBreaks(Class<? extends FuzzedReader> type, Path folder)
      throws Exception {
    Map<String, byte[]> inputs;
    try (FuzzedReader reader = FuzzTarget.of(type)) {
      inputs = new TreeMap<>(reader.start(Files.createDirectory(folder.resolve("known"))));
      inputs.putAll(regressions(type));
      for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
        assertThatCode(() -> reader.read(input.getValue()))
            .as(input.getKey())
            .doesNotThrowAnyException();
      }
    }
    int seconds = Integer.getInteger("t2v.fuzz.seconds", 0);
    int runs = Integer.getInteger("t2v.fuzz.runs", 0);
    if (seconds > 0 || runs > 0) {
      fuzz(type, inputs, seconds > 0 ? "-max_total_time=" + seconds : "-runs=" + runs, folder);
    }
  }

  private static Map<String, byte[]> regressions(Class<?> type) throws IOException {
    Map<String, byte[]> inputs = new TreeMap<>();
    String name = "fuzz/" + type.getSimpleName();
    if (Fuzzing.class.getClassLoader().getResource(name) != null) {
      try (Stream<Path> files = Files.list(resource(name))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return inputs;
  }

  private static void fuzz(Class<?> type, Map<String, byte[]> inputs, String end, Path folder)
      throws Exception {
    String name = type.getSimpleName();
    Path corpus = Files.createDirectory(folder.resolve("corpus"));
    for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
      Files.write(corpus.resolve(input.getKey()), input.getValue());
    }
    Path found = Files.createDirectories(Path.of("target", "fuzz"));
    ChildJvm.Result result =
        ChildJvm.run(
            folder,
            List.of(
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "-D" + FuzzTarget.FOLDER + "=" + folder.resolve("files"),
                "-D" + FuzzTarget.READER + "=" + type.getName(),
                "-cp",
                ChildJvm.classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzTarget.class.getName(),
                "--instrumentation_includes=io.t2v.**",
                // A hub's answers come from a server of the fuzzer: that is no finding.
                "--disabled_hooks=" + SANITIZERS + "ServerSideRequestForgery",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + found.toAbsolutePath() + "/" + name + "-",
                "-seed=" + Integer.getInteger("t2v.fuzz.seed", 1),
                "-timeout=600",
                "-rss_limit_mb=0",
                end,
                corpus.toString()));
    Files.writeString(found.resolve(name + ".txt"), result.output());
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).containsPattern(name + ": [1-9]\\d* inputs");
  }
}
