package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledFolderTest {
  private static final BundledFolder MODEL = new BundledFolder("model");
  private static final int FILES = 12;

  @TempDir Path root;

  @Test
  void unpacksEveryFileOnce() throws IOException {
    Path first = MODEL.unpack(root);
    List<Path> files = filesBelow(first);
    assertThat(files).hasSize(FILES).contains(first.resolve("model_index.json"));
    Map<Path, FileTime> times = timesOf(files);

    assertThat(MODEL.unpack(root)).isEqualTo(first);
    assertThat(timesOf(filesBelow(first))).isEqualTo(times);
  }

  @Test
  void replacesWhatIsDamaged() throws IOException {
    Path folder = MODEL.unpack(root);
    Path truncated = folder.resolve("model_index.json");
    Path altered = folder.resolve("unet").resolve("diffusion_pytorch_model.safetensors");
    Files.writeString(truncated, "{");
    byte[] weights = Files.readAllBytes(altered);
    byte[] intact = weights.clone();
    weights[weights.length / 2] ^= 1;
    Files.write(altered, weights);

    MODEL.unpack(root);

    assertThat(truncated).content().contains("TextToVideoSDPipeline");
    assertThat(altered).hasBinaryContent(intact);
  }

  @Test
  void manyUnpackAtTheSameTime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> folders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        folders.add(threads.submit(() -> MODEL.unpack(root)));
      }
      Path expected = MODEL.unpack(root);
      for (Future<Path> folder : folders) {
        assertThat(folder.get()).isEqualTo(expected);
      }
      assertThat(filesBelow(expected)).hasSize(FILES);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void cacheIsWhereTheSystemHasIt() {
    String home = System.getProperty("user.home");
    assertThat(BundledFolder.cacheRoot(Map.of("XDG_CACHE_HOME", "/caches"), "Linux"))
        .isEqualTo(Path.of("/caches/t2v"));
    assertThat(BundledFolder.cacheRoot(Map.of("XDG_CACHE_HOME", "relative"), "Linux"))
        .isEqualTo(Path.of(home, ".cache", "t2v"));
    assertThat(BundledFolder.cacheRoot(Map.of(), "Mac OS X"))
        .isEqualTo(Path.of(home, "Library", "Caches", "t2v"));
    assertThat(BundledFolder.cacheRoot(Map.of("LOCALAPPDATA", "local"), "Windows 11"))
        .isEqualTo(Path.of("local", "t2v", "cache"));
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }

  private static Map<Path, FileTime> timesOf(List<Path> files) {
    return files.stream()
        .collect(
            Collectors.toMap(
                file -> file,
                file -> {
                  try {
                    return Files.getLastModifiedTime(file);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
  }
}
