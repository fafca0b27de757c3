package io.t2v.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
  private static final long MIB = 1L << 20;

  @TempDir Path root;

  @Test
  void takesWhatTheSystemHasLeft() throws IOException {
    write("proc/meminfo", "MemTotal: 8192 kB\nMemAvailable:    2048 kB\n");
    assertThat(available()).isEqualTo(2 * MIB);
  }

  @Test
  void isBoundByTheContainerWhosePagesOfFilesAreFree() throws IOException {
    write("proc/meminfo", "MemAvailable: 1048576 kB\n");
    write("sys/fs/cgroup/memory.max", 64 * MIB + "\n");
    write("sys/fs/cgroup/memory.current", 50 * MIB + "\n");
    write("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file " + 6 * MIB + "\n");
    assertThat(available()).isEqualTo(20 * MIB);
  }

  @Test
  void isBoundByTheGroupsAroundItsOwn() throws IOException {
    write("proc/meminfo", "MemAvailable: 1048576 kB\n");
    write("proc/self/cgroup", "0::/pod/app\n");
    write("sys/fs/cgroup/pod/memory.max", 10 * MIB + "");
    write("sys/fs/cgroup/pod/memory.current", 3 * MIB + "");
    write("sys/fs/cgroup/pod/app/memory.max", "max\n");
    write("sys/fs/cgroup/pod/app/memory.current", MIB + "");
    assertThat(available()).isEqualTo(7 * MIB);
  }

  @Test
  void knowsTheFirstVersionOfControlGroups() throws IOException {
    write("proc/meminfo", "MemAvailable: 1048576 kB\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", 9 * MIB + "");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", 4 * MIB + "");
    write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file " + MIB + "\n");
    assertThat(available()).isEqualTo(6 * MIB);
  }

  @Test
  void isBoundByItsOwnGroupOfTheFirstVersion() throws IOException {
    write("proc/meminfo", "MemAvailable: 1048576 kB\n");
    write("proc/self/cgroup", "9:cpu,cpuacct:/other\n5:hugetlb,memory:/jobs/7\n0::/\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", 90 * MIB + "");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", 4 * MIB + "");
    write("sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes", 9 * MIB + "");
    write("sys/fs/cgroup/memory/jobs/7/memory.usage_in_bytes", 4 * MIB + "");
    assertThat(available()).isEqualTo(5 * MIB);
  }

  @Test
  void isNeverNegativeAndNeverUnknown() throws IOException {
    assertThat(available()).as("without any file").isPositive();
    write("sys/fs/cgroup/memory.max", MIB + "");
    write("sys/fs/cgroup/memory.current", 2 * MIB + "");
    assertThat(available()).isZero();
  }

  private long available() {
    return new HostMemory(root).available();
  }

  private void write(String file, String content) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }
}
