package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.torch.ComputeConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many sequences are computed together. */
class SelfAttentionTest {
  /**
   * 16 frames of each pixel, and one: on a GPU no more sequences, counted for each of the five
   * heads, than its grid has rows.
   */
  @ParameterizedTest
  @CsvSource({"cuda, 16, 6553", "cuda, 1, 13107", "cpu, 16, 409", "cpu, 1, 6553", "cpu, 9999, 1"})
  void sequencesAtOnceFitIntoTheDevicesGrid(String device, long tokens, long sequences) {
    ComputeConfig compute = ComputeConfig.on(ComputeDevice.parse(device), Precision.FLOAT32);
    assertThat(SelfAttention.sequencesAtOnce(compute, new Heads(5, 64), tokens))
        .isEqualTo(sequences);
  }
}
