package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.Child;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of a checkpoint that change while a pipeline uses them, in processes of little address
 * space: whatever happens to the files, no process dies, and no frame comes of other weights.
 */
class ChangedCheckpointTest {
  /** Natives and a Java VM of 128 MB of heap; each mapping of the model's files took 2 GB more. */
  private static final long KILOBYTES = 3_000_000;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"none", "component", "disk", "int8"})
  void noChangeEndsTheProcess(String way) {
    List.of("shrinks", "grows", "is-replaced", "is-rewritten", "vanishes", "stays", "stäys-ü")
        .forEach(name -> GoldenModel.write("one-level", folder.resolve(name), "F16"));
    Child.Result result =
        Child.run(
            ChangedCheckpoint.class,
            KILOBYTES,
            Map.of("OMP_NUM_THREADS", "1"),
            way,
            folder.toString());
    assertThat(result.exitCode()).as(result.output()).isZero();
    String frames =
        result
            .output()
            .lines()
            .filter(line -> line.startsWith("stays "))
            .map(line -> line.substring("stays ".length()))
            .findFirst()
            .orElseThrow();
    assertThat(frames).startsWith("frames ");
    assertThat(result.output())
        .contains("vanishes " + frames, "is-replaced " + frames, "ü " + frames);
    for (String changed : List.of("shrinks", "grows", "is-rewritten")) {
      assertThat(result.output())
          .containsPattern(
              changed
                  + " CheckpointException: .*"
                  + changed
                  + ".*\\.safetensors was changed while it was in use.*rename them to their place");
    }
  }
}
