package io.t2v.internal.torch;

import com.google.common.base.Splitter;
import com.google.common.base.Suppliers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The caches of a CPU. They say how much layers that compute in chunks take in one go: as much as
 * the caches of all their threads hold. With more, each operation of a layer reads from memory what
 * the one before it wrote. With less, there are more operations, and each has less to divide
 * between its threads.
 *
 * <p>Linux describes caches in {@code /sys/devices/system/cpu}. Where that is missing, caches are
 * taken to be {@link #USUAL}. Virtual machines may describe them wrongly, which costs time alone.
 *
 * @param l2Bytes second level, for each core
 * @param l3Bytes of each cache of the third level; 0 for none
 * @param l3Cores cores that share one of these, at least 1
 */
public record CpuCaches(long l2Bytes, long l3Bytes, int l3Cores) {
  /** Of current servers: 1 MiB for a core, and 32 MiB for each eight cores. */
  static final CpuCaches USUAL = new CpuCaches(1 << 20, 32 << 20, 8);

  private static final Path FIRST_CPU = Path.of("/sys/devices/system/cpu/cpu0");
  private static final Supplier<CpuCaches> THIS_MACHINE = Suppliers.memoize(() -> of(FIRST_CPU));

  /** Of the machine on which chunk sizes were measured: two cores that share 32 MiB. */
  private static final double MEASURED_BYTES = (double) USUAL.bytes(2);

  /**
   * Threads that the smallest chunk keeps busy, which has 2²⁰ elements: libtorch divides an
   * elementwise operation into parts of 2¹⁵ elements or more.
   */
  private static final double THREADS_OF_A_CHUNK = 32;

  /**
   * Asks the operating system, once.
   *
   * @return the caches of the first CPU
   */
  public static CpuCaches ofThisMachine() {
    return THIS_MACHINE.get();
  }

  /** cpu: folder of a CPU, as Linux lays it out; it need not exist. */
  static CpuCaches of(Path cpu) {
    try {
      Map<Integer, Path> levels = new TreeMap<>();
      for (int i = 0; Files.isReadable(cpu.resolve("cache/index" + i + "/size")); i++) {
        Path cache = cpu.resolve("cache/index" + i);
        // Of the first level there are two, which do not matter here.
        levels.put(Integer.valueOf(text(cache.resolve("level"))), cache);
      }
      if (!levels.containsKey(2)) {
        return USUAL;
      }
      int coreCpus = cpus(cpu.resolve("topology/thread_siblings_list"));
      Path l2 = levels.get(2);
      long l2Bytes = bytes(l2) * coreCpus / cpus(l2.resolve("shared_cpu_list"));
      Path l3 = levels.get(3);
      return l3 == null
          ? new CpuCaches(l2Bytes, 0, 1)
          : new CpuCaches(
              l2Bytes, bytes(l3), Math.max(1, cpus(l3.resolve("shared_cpu_list")) / coreCpus));
    } catch (IOException | NumberFormatException e) {
      return USUAL;
    }
  }

  /** Such as {@code 1024K}. */
  private static long bytes(Path cache) throws IOException {
    String size = text(cache.resolve("size"));
    return Long.parseLong(size.replace("K", "")) << 10;
  }

  /** The length of a list such as {@code 0-7,64-71}. */
  private static int cpus(Path list) throws IOException {
    int count = 0;
    for (String range : Splitter.on(',').split(text(list))) {
      int dash = range.indexOf('-');
      count +=
          dash < 0
              ? 1
              : Integer.parseInt(range.substring(dash + 1))
                  - Integer.parseInt(range.substring(0, dash))
                  + 1;
    }
    return count;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file).strip();
  }

  /**
   * Returns what the caches of some cores hold together.
   *
   * @param cores at least 1
   * @return bytes
   */
  public long bytes(int cores) {
    return cores * l2Bytes + (cores + l3Cores - 1) / l3Cores * l3Bytes;
  }

  /**
   * Returns how many times its usual size a chunk should have: in proportion to the caches, and
   * large enough for every thread to have a part of it, though it then may not fit.
   *
   * @param threads that compute, each on a core of its own
   * @return above 0; 1 for two cores that share 32 MiB
   */
  public double chunkScale(int threads) {
    return Math.max(bytes(threads) / MEASURED_BYTES, threads / THREADS_OF_A_CHUNK);
  }
}
