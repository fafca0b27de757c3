package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import org.junit.jupiter.api.Test;

/** Devices of the machine that builds, with whichever natives it builds. */
class DevicesTest {
  private static final ComputeDevice NOWHERE = ComputeDevice.cuda(99);

  @Test
  void theProcessorIsAlwaysThere() {
    assertThat(Devices.resolve(ComputeDevice.cpu())).isEqualTo(ComputeDevice.cpu());
  }

  @Test
  void looksAtThisProcess() {
    DeviceFacts facts = DeviceProbe.gather();
    assertThat(facts.loadFailure()).isNull();
    assertThat(facts.cudaClasses()).as("the API jar is there to compile with").isTrue();
    assertThat(facts.runtime().exists()).isEqualTo(facts.cudaLoaded());
    assertThat(facts.cards().isEmpty()).isEqualTo(!facts.driver().exists());
  }

  @Test
  void refusesADeviceThatIsNotThere() {
    String reason =
        DeviceProbe.gather().gpuNatives()
            ? "cuda:99 is not available: "
            : "cuda:99 is not available: the class path has libtorch's natives for the CPU alone";
    assertThatExceptionOfType(DeviceUnavailableException.class)
        .isThrownBy(() -> Devices.resolve(NOWHERE))
        .withMessageStartingWith(reason);
  }

  @Test
  void autoIsTheProcessorWithoutCards() {
    ComputeDevice auto = Devices.resolve(ComputeDevice.auto());
    assertThat(auto.isCpu()).isEqualTo(DeviceProbe.gather().cards().isEmpty());
  }
}
