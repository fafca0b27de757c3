package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which dtypes a device computes in and stores. */
class ComputeConfigTest {
  @ParameterizedTest
  @CsvSource({
    "cpu, FLOAT32, Float, Float, false, 4",
    "cpu, FLOAT16, Float, Half, true, 4",
    "cpu, BFLOAT16, BFloat16, BFloat16, false, 2",
    "cpu, INT8, Float, Char, true, 4",
    "cuda, FLOAT32, Float, Float, false, 4",
    "cuda, FLOAT16, Half, Half, false, 2",
    "cuda, BFLOAT16, BFloat16, BFloat16, false, 2",
    "cuda, INT8, Half, Char, true, 2"
  })
  void weightsAreWidenedToWhatTheDeviceComputesIn(
      String device,
      Precision precision,
      ScalarType computed,
      ScalarType stored,
      boolean compact,
      int elementBytes) {
    ComputeConfig compute =
        ComputeConfig.on(
            device.equals("cpu") ? ComputeDevice.cpu() : ComputeDevice.cuda(0), precision);
    assertThat(compute.type()).isEqualTo(computed);
    assertThat(compute.storedDtype()).isEqualTo(stored);
    assertThat(compute.isCompact()).isEqualTo(compact);
    assertThat(compute.elementBytes()).isEqualTo(elementBytes);
  }

  @Test
  void autoIsNoPrecision() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ComputeConfig.on(ComputeDevice.cpu(), Precision.AUTO))
        .withMessage("auto stands for a precision, and is none");
  }

  @Test
  void chunksAreLargerOnAGpuAndNeverEmpty() {
    assertThat(ComputeConfig.cpu().chunk(100)).isEqualTo(100);
    assertThat(ComputeConfig.on(ComputeDevice.cuda(0), Precision.FLOAT16).chunk(100))
        .isEqualTo(1600);
    assertThat(new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 0.001).chunk(100))
        .isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 0));
  }
}
