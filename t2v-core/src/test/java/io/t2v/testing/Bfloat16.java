package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.CpuBfloat16;

/** Computes in bfloat16 on a CPU, as far as it does. */
public final class Bfloat16 {
  private Bfloat16() {}

  /**
   * Runs work on layers in bfloat16. oneDNN computes them on every CPU with AVX-512, if slowly, and
   * refuses others, which must then be none that the library takes for able.
   */
  public static void computeOrBeRefused(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      assertThat(e).hasMessageContaining("bf16 path needs the cpu support");
      assertThat(CpuBfloat16.ofThisMachine().supported()).isFalse();
    }
  }
}
