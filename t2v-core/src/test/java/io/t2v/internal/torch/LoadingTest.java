package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.ChildJvm;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process in which libtorch cannot be loaded. */
class LoadingTest {
  @TempDir Path folder;

  private String load(String classPath, Path cache) throws Exception {
    return ChildJvm.run(
            folder,
            List.of(
                "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                "-cp",
                classPath,
                LoadLibtorch.class.getName()))
        .output();
  }

  @Test
  void saysThatNativesAreNotOnTheClassPath() throws Exception {
    String bare =
        Stream.of(ChildJvm.classPath().split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains(Loader.getPlatform()))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(load(bare, folder.resolve("cache")))
        .contains("Add the natives to the class path: org.bytedeco:pytorch:");
  }
}
