package io.t2v.internal.memory;

import com.google.common.primitives.Longs;
import io.t2v.internal.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.bytedeco.javacpp.Pointer;

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
   * Returns the bytes that are free. Where the system does not say (it does on Linux), all of its
   * physical memory: an upper bound, since others use some of it.
   */
  long available() {
    OptionalLong ofSystem = field(root.resolve("proc/meminfo"), "MemAvailable:", 1024);
    return Math.min(ofSystem.orElseGet(HostMemory::physical), leftByControlGroups());
  }

  /** JavaCPP has limits that libtorch's loading lifts: not to be loaded before it. */
  private static long physical() {
    TorchRuntime.load();
    return Pointer.totalPhysicalBytes();
  }

  /** Control groups of both versions; each group is bound by those around it. */
  private long leftByControlGroups() {
    long left = leftByVersion1();
    Path top = root.resolve("sys/fs/cgroup");
    for (Path group = top.resolve(ownGroup()).normalize();
        group != null && group.startsWith(top);
        group = group.getParent()) {
      left = Math.min(left, left(group, "memory.max", "memory.current", "inactive_file"));
    }
    return left;
  }

  private long leftByVersion1() {
    return left(
        root.resolve("sys/fs/cgroup/memory"),
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file");
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

  /** Relative path of this process's group, from a line such as {@code 0::/user.slice}. */
  private String ownGroup() {
    return text(root.resolve("proc/self/cgroup"))
        .lines()
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring("0::/".length()))
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
