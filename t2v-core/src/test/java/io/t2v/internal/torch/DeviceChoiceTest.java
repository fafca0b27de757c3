package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is chosen, and what is said, for everything that a machine may have or lack. */
class DeviceChoiceTest {
  private static final CudaCard H200 = new CudaCard("NVIDIA H200", 139L << 30, 9, 0);
  private static final CudaCard OLD = new CudaCard("Tesla V100", 16L << 30, 7, 0);
  private static final IntToLongFunction NOT_ASKED =
      index -> {
        throw new AssertionError("nobody asked for the memory of " + index);
      };

  private static final String PYTORCH = PresetVersions.get().pytorch();
  private static final String CUDA = PresetVersions.get().cuda();

  /** A machine where everything is in place; what differs is changed by each test. */
  private static final class Machine {
    String platform = "linux-x86_64";
    boolean gpuNatives = true;
    String loadFailure;
    boolean cudaLoaded = true;
    int runtime = 13010;
    boolean cudaClasses = true;
    String cudaFailure;
    int driver = 13000;
    String driverFailure;
    List<CudaCard> cards = List.of(H200);
    boolean mps;

    static Machine withCpuNatives(String platform) {
      Machine machine = new Machine();
      machine.platform = platform;
      machine.gpuNatives = false;
      machine.cudaLoaded = false;
      machine.runtime = 0;
      machine.driver = 0;
      machine.cards = List.of();
      return machine;
    }

    DeviceChoice choose(String wanted, IntToLongFunction freeBytes) {
      return DeviceChoice.of(
          ComputeDevice.parse(wanted),
          new DeviceFacts(
              platform,
              gpuNatives,
              loadFailure,
              cudaLoaded,
              new CudaVersion(runtime),
              cudaClasses,
              cudaFailure,
              new CudaVersion(driver),
              driverFailure,
              cards,
              mps),
          freeBytes);
    }

    ComputeDevice choose(String wanted) {
      return choose(wanted, NOT_ASKED).device();
    }

    /** Whoever wants this device is refused in these words, and auto takes the CPU. */
    void refuses(String wanted, String... words) {
      assertThatExceptionOfType(DeviceUnavailableException.class)
          .isThrownBy(() -> choose(wanted))
          .withMessageStartingWith(ComputeDevice.parse(wanted) + " is not available: ")
          .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    void refusesCuda(String problem, String... cure) {
      refuses("cuda", problem);
      refuses("cuda", cure);
      DeviceChoice auto = choose("auto", NOT_ASKED);
      assertThat(auto.device()).isEqualTo(ComputeDevice.cpu());
      assertThat(auto.reason()).startsWith("no CUDA: ").contains(problem);
    }
  }

  @Test
  void takesWhatIsThere() {
    Machine machine = new Machine();
    machine.cards = List.of(H200, H200);
    assertThat(machine.choose("cpu")).isEqualTo(ComputeDevice.cpu());
    assertThat(machine.choose("cuda")).isEqualTo(ComputeDevice.cuda(0));
    assertThat(machine.choose("cuda:1")).isEqualTo(ComputeDevice.cuda(1));
  }

  @Test
  void takesNativesThatLieElsewhereThanOnTheClassPath() {
    Machine machine = new Machine();
    machine.gpuNatives = false;
    assertThat(machine.choose("cuda")).isEqualTo(ComputeDevice.cuda(0));
  }

  @Test
  void autoTakesTheMostFreeMemory() {
    Machine machine = new Machine();
    machine.cards = List.of(H200, OLD, H200, H200);
    long[] free = {10L << 30, 16L << 30, 100L << 30, 100L << 30};
    DeviceChoice choice = machine.choose("auto", index -> free[index]);
    assertThat(choice.device()).isEqualTo(ComputeDevice.cuda(2));
    assertThat(choice.reason()).contains("most free memory, 100.0 GiB", "NVIDIA H200");
  }

  @Test
  void autoAsksNoSingleCardForItsMemory() {
    Machine machine = new Machine();
    machine.cards = List.of(OLD, H200);
    DeviceChoice choice = machine.choose("auto", NOT_ASKED);
    assertThat(choice.device()).isEqualTo(ComputeDevice.cuda(1));
    assertThat(choice.reason()).isEqualTo("the only CUDA device to use: " + H200);
  }

  @Test
  void autoTakesTheProcessorBeforeCardsWithoutCode() {
    Machine machine = new Machine();
    machine.cards = List.of(OLD);
    DeviceChoice choice = machine.choose("auto", NOT_ASKED);
    assertThat(choice.device()).isEqualTo(ComputeDevice.cpu());
    assertThat(choice.reason()).contains("no code for any of cuda:0 (Tesla V100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux-x86_64", "windows-x86_64"})
  void namesTheArtifactsWhereOnlyThoseForTheCpuAreThere(String platform) {
    Machine.withCpuNatives(platform)
        .refusesCuda(
            "the class path has libtorch's natives for the CPU alone",
            "org.bytedeco:pytorch:" + PYTORCH + " with the classifier " + platform + "-gpu",
            "org.bytedeco:cuda:" + CUDA + " without and with the classifier " + platform,
            "CUDA 13",
            "cuDNN 9",
            "NCCL 2");
  }

  @Test
  void saysWhereThePresetsHaveNoCuda() {
    Machine.withCpuNatives("macosx-arm64")
        .refusesCuda("linux-x86_64 and windows-x86_64, and this machine is macosx-arm64", "cpu");
  }

  @Test
  void saysWhyNativesForGpusDidNotLoad() {
    Machine machine = Machine.withCpuNatives("linux-x86_64");
    machine.gpuNatives = true;
    machine.loadFailure = "libcupti.so.13: cannot open shared object file";
    machine.refusesCuda("did not load: libcupti.so.13: cannot open", "CUDA 13 with CUPTI", "CPU");
  }

  @Test
  void noticesThatNativesForGpusRunWithoutCuda() {
    Machine machine = Machine.withCpuNatives("linux-x86_64");
    machine.gpuNatives = true;
    machine.refusesCuda(
        "CUDA's libraries were not found, and libtorch runs without",
        "cuDNN 9",
        "-Dorg.bytedeco.javacpp.logger.debug=true");
  }

  @Test
  void namesTheMissingPresets() {
    Machine machine = new Machine();
    machine.cudaClasses = false;
    machine.refusesCuda(
        "the CUDA presets are not on the class path", "Add org.bytedeco:cuda:" + CUDA);
  }

  @Test
  void namesTheMissingNativesOfThePresets() {
    Machine machine = new Machine();
    machine.cudaFailure = "no jnicudart in java.library.path: /lib";
    machine.refusesCuda(
        "did not load: no jnicudart",
        "Add org.bytedeco:cuda:" + CUDA + " with the classifier linux-x86_64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no jnicudart in java.library.path; libcuda.so.1: cannot open shared object file",
        "nvcuda.dll: not found"
      })
  void knowsAMissingDriverByItsLibrary(String failure) {
    Machine machine = new Machine();
    machine.cudaFailure = failure;
    machine.driver = 0;
    machine.refusesCuda("there is no NVIDIA driver", "driver 580", "--gpus all");
  }

  @Test
  void knowsAMissingDriverByItsVersion() {
    Machine machine = new Machine();
    machine.driver = 0;
    machine.refusesCuda("there is no NVIDIA driver", "driver 580");
  }

  @Test
  void saysWhatAnOldDriverRuns() {
    Machine machine = new Machine();
    machine.driver = 12080;
    machine.refusesCuda(
        "too old: it runs CUDA up to 12.8, and libtorch's natives are built with CUDA 13.1",
        "driver 580");
  }

  @ParameterizedTest
  @ValueSource(ints = {13000, 13010, 13020, 14000})
  void takesDriversOfTheSameMajorVersionAndLater(int driver) {
    Machine machine = new Machine();
    machine.driver = driver;
    assertThat(machine.choose("cuda")).isEqualTo(ComputeDevice.cuda(0));
  }

  @Test
  void saysWhyTheDriverDoesNotStart() {
    Machine machine = new Machine();
    machine.driverFailure = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH";
    machine.cards = List.of();
    machine.refusesCuda("does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart the machine");
  }

  @Test
  void saysThatThereIsNoCard() {
    Machine machine = new Machine();
    machine.cards = List.of();
    machine.refusesCuda("shows no GPU to this process", "nvidia-smi", "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void listsTheCardsForAnIndexBeyondThem() {
    Machine machine = new Machine();
    machine.cards = List.of(H200, OLD);
    machine.refuses(
        "cuda:2",
        "there are cuda:0 (NVIDIA H200, 139.0 GiB, compute capability 9.0),"
            + " cuda:1 (Tesla V100, 16.0 GiB, compute capability 7.0)",
        "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void refusesACardWithoutCode() {
    Machine machine = new Machine();
    machine.cards = List.of(OLD, H200);
    machine.refuses(
        "cuda:0", "no code for it: Tesla V100", "compute capability 7.5, 8.0 to 8.9, 9.0");
    assertThat(machine.choose("cuda:1")).isEqualTo(ComputeDevice.cuda(1));
  }

  @ParameterizedTest
  @CsvSource({
    "6, 1, false",
    "7, 0, false",
    "7, 5, true",
    "8, 0, true",
    "8, 6, true",
    "8, 9, true",
    "9, 0, true",
    "10, 0, true",
    "10, 3, true",
    "11, 0, false",
    "12, 0, true",
    "12, 1, true",
    "13, 0, true"
  })
  void knowsWhichCardsTheNativesHaveCodeFor(int major, int minor, boolean supported) {
    assertThat(new CudaCard("a card", 1, major, minor).isSupported()).isEqualTo(supported);
  }

  @Test
  void takesAppleGpuWhereItIs() {
    Machine machine = Machine.withCpuNatives("macosx-arm64");
    machine.mps = true;
    assertThat(machine.choose("mps")).isEqualTo(ComputeDevice.mps());
    assertThat(machine.choose("auto"))
        .as("nothing has been tried there")
        .isEqualTo(ComputeDevice.cpu());
  }

  @Test
  void refusesAppleGpuElsewhere() {
    new Machine().refuses("mps", "macosx-arm64, and this machine is linux-x86_64");
    Machine.withCpuNatives("macosx-x86_64").refuses("mps", "and this machine is macosx-x86_64");
    Machine.withCpuNatives("macosx-arm64").refuses("mps", "no Metal device", "macOS 14");
  }

  @ParameterizedTest
  @CsvSource({"13010, 13.1", "12080, 12.8", "13000, 13.0"})
  void writesVersionsAsPeopleDo(int number, String written) {
    assertThat(new CudaVersion(number)).hasToString(written);
  }
}
