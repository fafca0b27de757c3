package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs Jazzer over the readers of safetensors, pickles and JSON, in a JVM of its own, since it
 * instruments what it runs. The number of inputs, and the seed that they come from, are fixed; more
 * by setting the properties {@code t2v.fuzz.runs} and {@code t2v.fuzz.seed}; CONTRIBUTING.md has
 * the command.
 */
class ReadersFuzzTest {
  private static final List<String> SEEDS =
      List.of(
          "golden/pickles/features.safetensors",
          "golden/pickles/features.bin",
          "golden/pickles/features-legacy.bin",
          "golden/pickles/features-legacy-protocol-4.bin",
          "golden/models/one-level/model_index.json");

  @TempDir Path folder;

  @Test
  void readsOrRefusesAnyBytes() throws IOException, InterruptedException {
    Path corpus = Files.createDirectory(folder.resolve("corpus"));
    for (String seed : SEEDS) {
      URL resource = Resources.getResource(seed);
      Files.write(corpus.resolve(Path.of(seed).getFileName()), Resources.toByteArray(resource));
    }
    Path output = folder.resolve("output.txt");
    Process jazzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:TieredStopAtLevel=1",
                "-D" + ReadersFuzz.FILE + "=" + folder.resolve("input"),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + ReadersFuzz.class.getName(),
                "--instrumentation_includes=io.t2v.internal.files.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-runs=" + Integer.getInteger("t2v.fuzz.runs", 4_000),
                "-seed=" + Integer.getInteger("t2v.fuzz.seed", 1),
                "-timeout=10",
                corpus.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = jazzer.waitFor();
    assertThat(status).as(() -> read(output)).isZero();
    assertThat(read(output)).contains("Done ");
  }

  private static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
