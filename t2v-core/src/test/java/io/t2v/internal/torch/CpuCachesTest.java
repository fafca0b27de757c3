package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Caches as Linux describes them, and the size of chunks for them. */
class CpuCachesTest {
  private static final long MIB = 1L << 20;

  @TempDir Path cpu;

  @Test
  void areThoseOfACoreWhateverItsThreads() throws IOException {
    write("topology/thread_siblings_list", "0,64");
    writeCache(0, 1, "48K", "0,64");
    writeCache(1, 1, "32K", "0,64");
    writeCache(2, 2, "2048K", "0,64");
    writeCache(3, 3, "98304K", "0-7,64-71");
    assertThat(CpuCaches.of(cpu)).isEqualTo(new CpuCaches(2 * MIB, 96 * MIB, 8));
  }

  @Test
  void aSecondLevelThatSeveralCoresShareIsDividedByThem() throws IOException {
    write("topology/thread_siblings_list", "0");
    writeCache(0, 1, "32K", "0");
    writeCache(1, 2, "4096K", "0-3");
    assertThat(CpuCaches.of(cpu)).isEqualTo(new CpuCaches(MIB, 0, 1));
  }

  @Test
  void areTheUsualOnesWhereNothingReadableIsSaid() throws IOException {
    assertThat(CpuCaches.of(cpu.resolve("missing"))).isEqualTo(CpuCaches.USUAL);
    write("topology/thread_siblings_list", "0");
    writeCache(0, 1, "32K", "0");
    assertThat(CpuCaches.of(cpu)).isEqualTo(CpuCaches.USUAL);
    writeCache(1, 2, "unknown", "0");
    assertThat(CpuCaches.of(cpu)).isEqualTo(CpuCaches.USUAL);
  }

  /** The last one has too small a cache for its threads: 2^15 elements for each of them. */
  @ParameterizedTest
  @CsvSource({
    "1024, 32, 2, 1, 0.97",
    "1024, 32, 2, 2, 1",
    "1024, 32, 8, 4, 1.06",
    "1024, 32, 8, 9, 2.15",
    "1024, 32, 8, 16, 2.35",
    "1024, 32, 8, 64, 9.41",
    "2048, 60, 32, 64, 7.29",
    "1280, 8, 4, 4, 0.38",
    "256, 8, 64, 64, 2"
  })
  void chunksGrowWithTheCachesOfAllThreads(
      long l2Kib, long l3Mib, int l3Cores, int threads, double scale) {
    CpuCaches caches = new CpuCaches(l2Kib << 10, l3Mib * MIB, l3Cores);
    assertThat(caches.chunkScale(threads)).isCloseTo(scale, within(0.005));
  }

  private void writeCache(int index, int level, String size, String cpus) throws IOException {
    String folder = "cache/index" + index + "/";
    write(folder + "level", level + "\n");
    write(folder + "size", size + "\n");
    write(folder + "shared_cpu_list", cpus + "\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = cpu.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
