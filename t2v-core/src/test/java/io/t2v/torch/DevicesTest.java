package io.t2v.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.DeviceUnavailableException;
import io.t2v.device.Device;
import org.junit.jupiter.api.Test;

/** Devices of the machine that builds, with whichever natives it builds. */
class DevicesTest {
  private static final Device NOWHERE = Device.cuda(99);

  @Test
  void theProcessorIsAlwaysThere() {
    assertThat(Devices.resolve(Device.cpu())).isEqualTo(Device.cpu());
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
    Device auto = Devices.resolve(Device.auto());
    assertThat(auto.isCpu()).isEqualTo(DeviceProbe.gather().cards().isEmpty());
  }
}
