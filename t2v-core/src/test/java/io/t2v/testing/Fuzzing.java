package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs Jazzer in a JVM of its own, since it instruments what it runs. Inputs that once made trouble
 * lie in a folder {@code fuzz} of the test resources, one folder for each target, and are tried
 * first.
 *
 * <p>The number of inputs, and the seed that they come from, are fixed for the build. The
 * properties {@code t2v.fuzz.runs}, {@code t2v.fuzz.seconds} and {@code t2v.fuzz.seed} replace
 * them; CONTRIBUTING.md has the commands. What Jazzer says, and an input that breaks something, are
 * left in {@code target/fuzz}.
 */
public final class Fuzzing {
  /** Where targets find the folder of the test. */
  public static final String FOLDER = "t2v.fuzz.folder";

  private final Class<?> target;
  private final Path folder;
  private final Path corpus;

  /**
   * Of a target, with its regressions as the first inputs.
   *
   * @param target with a method {@code fuzzerTestOneInput}
   * @param folder temporary
   */
  public Fuzzing(Class<?> target, Path folder) throws IOException {
    this.target = target;
    this.folder = folder;
    corpus = Files.createDirectory(folder.resolve("corpus"));
    try (Stream<Path> regressions = Files.list(resource("fuzz/" + target.getSimpleName()))) {
      for (Path regression : (Iterable<Path>) regressions::iterator) {
        seed(regression.getFileName().toString(), Files.readAllBytes(regression));
      }
    }
  }

  /** Adds an input to start from. */
  public void seed(String name, byte[] input) throws IOException {
    Files.write(corpus.resolve(name), input);
  }

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
   * @param runs how many inputs are made up, unless the property says otherwise
   * @param instrumented packages whose branches guide the making of inputs
   */
  public void assertNothingBreaks(int runs, String instrumented)
      throws IOException, InterruptedException {
    Path found = Files.createDirectories(Path.of("target", "fuzz"));
    int seconds = Integer.getInteger("t2v.fuzz.seconds", 0);
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:TieredStopAtLevel=1",
                "-D" + FOLDER + "=" + folder,
                "-cp",
                ChildJvm.classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=" + instrumented,
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + found.toAbsolutePath() + "/",
                "-seed=" + Integer.getInteger("t2v.fuzz.seed", 1),
                "-timeout=30",
                "-rss_limit_mb=0"));
    options.add(
        seconds > 0
            ? "-max_total_time=" + seconds
            : "-runs=" + Integer.getInteger("t2v.fuzz.runs", runs));
    options.add(corpus.toString());
    ChildJvm.Result result = ChildJvm.run(folder, options);
    Files.writeString(found.resolve(target.getSimpleName() + ".txt"), result.output());
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("Done ");
  }
}
