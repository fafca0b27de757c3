package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.device.ComputeDevice;
import org.junit.jupiter.api.Test;

/** What is asked of devices that have no memory of their own. */
class DeviceMemoryTest {
  @Test
  void theProcessorHasNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceMemory.available(ComputeDevice.cpu()))
        .withMessage("cpu has no memory of its own");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceMemory.peak(ComputeDevice.cpu()))
        .withMessage("device is cpu, expected one of CUDA");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceMemory.resetPeak(ComputeDevice.mps()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceMemory.limit(ComputeDevice.cpu(), 1));
    DeviceMemory.emptyCache(ComputeDevice.cpu());
  }

  @Test
  void aLimitBelowZeroIsRefusedBeforeAnythingIsAsked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceMemory.limit(ComputeDevice.cuda(0), -1))
        .withMessage("the limit is -1 bytes, expected at least 0");
  }

  @Test
  void aLimitIsAShareOfAll() {
    assertThat(DeviceMemory.fraction(5L << 30, 20L << 30)).isEqualTo(0.25);
    assertThat(DeviceMemory.fraction(Long.MAX_VALUE, 20L << 30)).isEqualTo(1);
    assertThat(DeviceMemory.fraction(0, 20L << 30)).isZero();
  }

  @Test
  void versionsOfCudnnAreWrittenAsPeopleDo() {
    assertThat(TorchRuntime.cudnn(91900)).isEqualTo("9.19.0");
    assertThat(TorchRuntime.cudnn(92402)).isEqualTo("9.24.2");
  }
}
