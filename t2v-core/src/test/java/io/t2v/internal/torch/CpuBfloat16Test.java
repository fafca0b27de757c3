package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which CPUs compute in bfloat16, by the flags that Linux lists. */
class CpuBfloat16Test {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "fpu sse2 avx512f avx512_bf16 amx_tile amx_bf16, true, the CPU has amx_bf16",
    "fpu sse2 avx512f avx512_bf16, true, the CPU has avx512_bf16",
    "'fpu sse2 avx512f avx512bw', false, 'the CPU has none of amx_bf16, avx512_bf16'",
    "'fpu avx512_bf16x xamx_bf16', false, 'the CPU has none of amx_bf16, avx512_bf16'"
  })
  void isReadFromTheFirstCoresFlags(String flags, boolean supported, String reason)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("cpuinfo"),
            "processor\t: 0\nmodel name\t: A CPU\nflags\t\t: " + flags + "\nbugs\t\t: amx_bf16\n");
    assertThat(CpuBfloat16.of(file, true)).isEqualTo(new CpuBfloat16(supported, reason));
  }

  @Test
  void isNotThereWhereNothingCanBeAsked() throws IOException {
    Path file = folder.resolve("missing");
    assertThat(CpuBfloat16.of(file, true).reason()).contains("there is no").contains("missing");
    Files.writeString(file, "flags : avx512_bf16");
    assertThat(CpuBfloat16.of(file, true).supported()).isTrue();
    assertThat(CpuBfloat16.of(file, false))
        .isEqualTo(new CpuBfloat16(false, "libtorch comes without oneDNN here"));
    assertThat(CpuBfloat16.of(Files.writeString(file, "Features : neon"), true).supported())
        .isFalse();
  }
}
