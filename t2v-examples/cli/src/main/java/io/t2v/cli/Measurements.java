package io.t2v.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a process can find out about itself. */
final class Measurements {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");

  private Measurements() {}

  /** Seconds with four decimals. */
  static double seconds(long nanos) {
    return Math.round(nanos / 1e5) / 1e4;
  }

  /** The middle value, or the mean of the two in the middle; null of nothing. */
  static @Nullable Double median(List<Double> values) {
    if (values.isEmpty()) {
      return null;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Physical memory of this process in bytes; null where the system does not tell. */
  static @Nullable Long residentBytes() {
    return status("VmRSS:");
  }

  /** The most physical memory that this process had, in bytes; null where it is not known. */
  static @Nullable Long peakResidentBytes() {
    return status("VmHWM:");
  }

  private static @Nullable Long status(String key) {
    if (!Files.isReadable(STATUS)) {
      return null;
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** Starts the peak anew from what is used now. False where the kernel does not let it. */
  static boolean resetPeak() {
    try {
      Files.writeString(CLEAR_REFS, "5");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
