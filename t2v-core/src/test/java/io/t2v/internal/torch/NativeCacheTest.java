package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.jar.JarEntry;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts processes with a cache of their own, in the states that a killed process leaves. */
class NativeCacheTest {
  private static final String NATIVES = "org/bytedeco/pytorch/" + Loader.getPlatform() + "/";
  private static final String LARGE = NATIVES + System.mapLibraryName("torch_cpu");

  /** The first library that is loaded which links to the large one. */
  private static final String LINKING = NATIVES + System.mapLibraryName("torch");

  @TempDir Path folder;
  private Path cache;

  @BeforeEach
  void makeCache() throws IOException {
    cache = Files.createDirectory(folder.resolve("cache"));
  }

  @Test
  void startsAfterAnExtractionThatWasKilled() throws Exception {
    Path large = cached(LARGE);
    ChildJvm killed = ChildJvm.start(folder, loading());
    while (killed.isAlive() && size(large) < 1 << 20) {
      Thread.onSpinWait();
    }
    killed.kill();
    assertThat(size(large)).isBetween(1L << 20, entry(LARGE).getSize() - 1);

    assertThat(ChildJvm.run(folder, loading()).output()).contains("loaded");
    assertThat(size(large)).isEqualTo(entry(LARGE).getSize());
  }

  @Test
  void replacesAShortFileThatIsAsOldAsItsEntry() throws Exception {
    extract(LINKING, Integer.MAX_VALUE);
    extract(LARGE, 1 << 20);

    assertThat(ChildJvm.run(folder, loading()).output()).contains("loaded");
    assertThat(size(cached(LARGE))).isEqualTo(entry(LARGE).getSize());
  }

  private List<String> loading() {
    return List.of(
        "-Dorg.bytedeco.javacpp.cachedir=" + cache,
        "-cp",
        ChildJvm.classPath(),
        LoadLibtorch.class.getName());
  }

  private void extract(String name, int bytes) throws IOException {
    Path file = cached(name);
    Files.createDirectories(file.getParent());
    try (InputStream stream = resource(name).openStream()) {
      Files.write(file, stream.readNBytes(bytes));
    }
    Files.setLastModifiedTime(file, FileTime.fromMillis(entry(name).getTime()));
  }

  private Path cached(String name) throws IOException {
    Path jar = Path.of(((JarURLConnection) resource(name).openConnection()).getJarFile().getName());
    return cache.resolve(jar.getFileName()).resolve(name);
  }

  private static JarEntry entry(String name) throws IOException {
    return ((JarURLConnection) resource(name).openConnection()).getJarEntry();
  }

  private static URL resource(String name) {
    URL url = torch.class.getClassLoader().getResource(name);
    assertThat(url).as(name).isNotNull();
    return url;
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }
}
