package io.t2v.internal.memory;

import com.google.common.primitives.Longs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory that this process can still take: what the system has left, or what the container's
 * control groups leave, whichever is less. Pages of files that nobody needs count as free.
 */
final class HostMemory {
  private static final String NO_LIMIT = "max";

  private final Path root;

  /** root: of the file system, another one in tests. */
  HostMemory(Path root) {
    this.root = root;
  }

  static HostMemory ofThisMachine() {
    return new HostMemory(Path.of("/"));
  }

  /**
   * Returns the bytes that are free. Where the system has no {@code /proc/meminfo} (Linux does), it
   * is asked for its free memory, which does not count the pages of files that it could drop.
   */
  long available() {
    OptionalLong ofSystem = field(root.resolve("proc/meminfo"), "MemAvailable:", 1024);
    return Math.min(ofSystem.orElseGet(HostMemory::free), leftByControlGroups());
  }

  private static long free() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getFreeMemorySize()
        : Long.MAX_VALUE;
  }

  /** Control groups of both versions; each group is bound by those around it. */
  private long leftByControlGroups() {
    Path top = root.resolve("sys/fs/cgroup");
    return Math.min(
        leftByGroups(top, ownGroup("0::/"), "memory.max", "memory.current", "inactive_file"),
        leftByGroups(
            top.resolve("memory"),
            ownGroup("\\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/"),
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file"));
  }

  /** In a container, the mounted tree may begin at its own group, whatever that is called. */
  private static long leftByGroups(
      Path top, String own, String limit, String usage, String reclaimable) {
    long left = left(top, limit, usage, reclaimable);
    for (Path group = top.resolve(own).normalize();
        group != null && group.startsWith(top);
        group = group.getParent()) {
      left = Math.min(left, left(group, limit, usage, reclaimable));
    }
    return left;
  }

  private static long left(Path group, String limit, String usage, String reclaimable) {
    OptionalLong most = number(group.resolve(limit));
    OptionalLong used = number(group.resolve(usage));
    if (most.isEmpty() || used.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long pages = field(group.resolve("memory.stat"), reclaimable + " ", 1).orElse(0);
    return Math.max(0, most.getAsLong() - used.getAsLong() + pages);
  }

  /**
   * Relative path of this process's group, from a line such as {@code 0::/user.slice} or {@code
   * 7:memory:/docker/1}.
   *
   * @param start pattern of what stands before the path
   */
  private String ownGroup(String start) {
    Pattern line = Pattern.compile(start + "(.*)");
    return text(root.resolve("proc/self/cgroup"))
        .lines()
        .map(line::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst()
        .orElse("");
  }

  private static OptionalLong number(Path file) {
    return parsed(text(file).strip());
  }

  private static OptionalLong field(Path file, String name, long unit) {
    return text(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).replace("kB", "").strip())
        .map(HostMemory::parsed)
        .filter(OptionalLong::isPresent)
        .mapToLong(value -> value.getAsLong() * unit)
        .findFirst();
  }

  private static OptionalLong parsed(String number) {
    Long value = number.equals(NO_LIMIT) ? null : Longs.tryParse(number);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static String text(Path file) {
    try {
      return Files.isReadable(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }
}
