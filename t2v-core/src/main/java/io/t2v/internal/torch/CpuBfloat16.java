package io.t2v.internal.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this CPU has instructions that multiply in bfloat16 and add in float32: AMX, or AVX-512's
 * BF16. Without them oneDNN computes bfloat16 by other instructions, slower than float32.
 *
 * <p>libtorch's presets map no question for it, so the flags are read that Linux lists in {@code
 * /proc/cpuinfo}.
 *
 * @param supported whether networks can compute in bfloat16
 * @param reason which instructions there are, or what is missing
 */
public record CpuBfloat16(boolean supported, String reason) {
  private static final List<String> INSTRUCTIONS = List.of("amx_bf16", "avx512_bf16");
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Asks the CPU of this machine. */
  public static CpuBfloat16 ofThisMachine() {
    return of(CPU_INFO, TorchRuntime.hasOneDnn());
  }

  /** cpuInfo: in the format of Linux; it need not exist. */
  static CpuBfloat16 of(Path cpuInfo, boolean oneDnn) {
    if (!oneDnn) {
      return new CpuBfloat16(false, "libtorch comes without oneDNN here");
    }
    try {
      if (!Files.isReadable(cpuInfo)) {
        return new CpuBfloat16(false, "there is no " + cpuInfo + " to read the CPU's flags from");
      }
      return ofFlags(flags(Files.readString(cpuInfo)));
    } catch (IOException e) {
      return new CpuBfloat16(false, "the CPU's flags could not be read: " + e);
    }
  }

  /** Those of the first core. */
  private static List<String> flags(String cpuInfo) {
    return cpuInfo
        .lines()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> List.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+", -1)))
        .orElse(List.of());
  }

  private static CpuBfloat16 ofFlags(List<String> flags) {
    return INSTRUCTIONS.stream()
        .filter(flags::contains)
        .findFirst()
        .map(found -> new CpuBfloat16(true, "the CPU has " + found))
        .orElse(new CpuBfloat16(false, "the CPU has none of " + String.join(", ", INSTRUCTIONS)));
  }
}
