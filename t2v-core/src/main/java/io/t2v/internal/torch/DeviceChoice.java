package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The device to compute on: a function of what the user wants and of what there is.
 *
 * @param device a real one
 * @param reason why this one, for people
 */
record DeviceChoice(ComputeDevice device, String reason) {
  private static final List<String> CUDA_PLATFORMS = List.of("linux-x86_64", "windows-x86_64");
  private static final String MPS_PLATFORM = "macosx-arm64";

  /** The first driver for CUDA 13, which is what libtorch's natives are built with. */
  private static final String FIRST_DRIVER = "580";

  private static final String LIBRARIES = "CUDA 13 with CUPTI, cuDNN 9 and NCCL 2";

  /** What is in the way of a device, and what helps. */
  private record Obstacle(String problem, String cure) {
    DeviceUnavailableException to(ComputeDevice wanted) {
      return new DeviceUnavailableException(
          wanted + " is not available: " + problem + ". " + cure + " (docs/gpu.md)");
    }
  }

  /**
   * Chooses.
   *
   * @param wanted any
   * @param facts what there is
   * @param freeBytes of a CUDA device; asked only where several are to be compared
   * @throws DeviceUnavailableException if the wanted device is not there
   */
  static DeviceChoice of(ComputeDevice wanted, DeviceFacts facts, IntToLongFunction freeBytes) {
    return switch (wanted.kind()) {
      case CPU -> asked(wanted);
      case CUDA -> cuda(wanted, facts);
      case MPS -> mps(wanted, facts);
      case AUTO -> best(facts, freeBytes);
    };
  }

  private static DeviceChoice asked(ComputeDevice device) {
    return new DeviceChoice(device, "asked for");
  }

  private static DeviceChoice cuda(ComputeDevice wanted, DeviceFacts facts) {
    Optional<Obstacle> obstacle =
        cudaObstacle(facts).or(() -> cardObstacle(facts.cards(), wanted.index()));
    if (obstacle.isPresent()) {
      throw obstacle.get().to(wanted);
    }
    return asked(wanted);
  }

  private static DeviceChoice mps(ComputeDevice wanted, DeviceFacts facts) {
    if (!facts.platform().equals(MPS_PLATFORM)) {
      throw new Obstacle(
              "it is the GPU of Apple's chips, which PyTorch's presets offer on "
                  + MPS_PLATFORM
                  + ", and this machine is "
                  + facts.platform(),
              "Take another device: cpu, cuda or auto")
          .to(wanted);
    }
    if (!facts.mps()) {
      throw new Obstacle(
              "libtorch finds no Metal device that it can compute on",
              "It needs macOS 14 or later, outside of a virtual machine. Take cpu otherwise")
          .to(wanted);
    }
    return asked(wanted);
  }

  private static DeviceChoice best(DeviceFacts facts, IntToLongFunction freeBytes) {
    Optional<Obstacle> obstacle = cudaObstacle(facts);
    if (obstacle.isPresent()) {
      return new DeviceChoice(ComputeDevice.cpu(), "no CUDA: " + obstacle.get().problem());
    }
    List<CudaCard> cards = facts.cards();
    int[] usable =
        IntStream.range(0, cards.size()).filter(i -> cards.get(i).isSupported()).toArray();
    if (usable.length == 0) {
      return new DeviceChoice(
          ComputeDevice.cpu(), "libtorch's natives have no code for any of " + listed(cards));
    }
    if (usable.length == 1) {
      return new DeviceChoice(
          ComputeDevice.cuda(usable[0]), "the only CUDA device to use: " + cards.get(usable[0]));
    }
    int best = usable[0];
    long most = -1;
    for (int index : usable) {
      long free = freeBytes.applyAsLong(index);
      if (free > most) {
        best = index;
        most = free;
      }
    }
    return new DeviceChoice(
        ComputeDevice.cuda(best),
        "the most free memory, "
            + CudaCard.gib(most)
            + ", of the CUDA devices to use: "
            + cards.get(best));
  }

  /** From what is looked at first to what only shows when all else is there. */
  private static Optional<Obstacle> cudaObstacle(DeviceFacts facts) {
    if (facts.cudaLoaded()) {
      return presetsObstacle(facts).or(() -> driverObstacle(facts));
    }
    if (!CUDA_PLATFORMS.contains(facts.platform())) {
      return obstacle(
          "PyTorch's presets have natives for CUDA on "
              + String.join(" and ", CUDA_PLATFORMS)
              + ", and this machine is "
              + facts.platform(),
          "Take another device: cpu or auto");
    }
    if (facts.loadFailure() != null) {
      return obstacle(
          "libtorch's natives for GPUs did not load: " + facts.loadFailure(),
          "Put "
              + LIBRARIES
              + " where the system's loader finds them, or add the natives for the CPU to compute"
              + " on that");
    }
    if (facts.gpuNatives()) {
      return obstacle(
          "libtorch's natives for GPUs are on the class path, but CUDA's libraries were not found,"
              + " and libtorch runs without",
          "Put "
              + LIBRARIES
              + " where the system's loader finds them; -Dorg.bytedeco.javacpp.logger.debug=true"
              + " shows what is missing");
    }
    PresetVersions versions = PresetVersions.get();
    return obstacle(
        "the class path has libtorch's natives for the CPU alone",
        "Add org.bytedeco:pytorch:"
            + versions.pytorch()
            + " with the classifier "
            + facts.platform()
            + "-gpu and org.bytedeco:cuda:"
            + versions.cuda()
            + " without and with the classifier "
            + facts.platform()
            + "; "
            + LIBRARIES
            + " have to be on the system");
  }

  private static Optional<Obstacle> presetsObstacle(DeviceFacts facts) {
    String cuda = "org.bytedeco:cuda:" + PresetVersions.get().cuda();
    if (!facts.cudaClasses()) {
      return obstacle(
          "the CUDA presets are not on the class path",
          "Add " + cuda + " without and with the classifier " + facts.platform());
    }
    if (facts.cudaFailure() == null) {
      return Optional.empty();
    }
    return isOfDriver(facts.cudaFailure())
        ? noDriver()
        : obstacle(
            "the natives of the CUDA presets did not load: " + facts.cudaFailure(),
            "Add "
                + cuda
                + " with the classifier "
                + facts.platform()
                + ", and see that NVIDIA's driver is installed");
  }

  /** The presets are linked to the driver's own library, which only the driver brings. */
  private static boolean isOfDriver(String failure) {
    return failure.contains("libcuda.so") || failure.contains("nvcuda.dll");
  }

  private static Optional<Obstacle> noDriver() {
    return obstacle(
        "there is no NVIDIA driver on this machine",
        "Install driver "
            + FIRST_DRIVER
            + " or later; in a container, start it with access to the GPUs (--gpus all)");
  }

  private static Optional<Obstacle> driverObstacle(DeviceFacts facts) {
    if (!facts.driver().exists()) {
      return noDriver();
    }
    if (!facts.driver().runs(facts.runtime())) {
      return obstacle(
          "the NVIDIA driver is too old: it runs CUDA up to "
              + facts.driver()
              + ", and libtorch's natives are built with CUDA "
              + facts.runtime(),
          "Install driver " + FIRST_DRIVER + " or later");
    }
    if (facts.driverFailure() != null) {
      return obstacle(
          "the NVIDIA driver does not start: " + facts.driverFailure(),
          "See whether nvidia-smi works; after an update of the driver, restart the machine");
    }
    if (facts.cards().isEmpty()) {
      return obstacle(
          "the NVIDIA driver shows no GPU to this process",
          "See whether nvidia-smi lists one, and what CUDA_VISIBLE_DEVICES is set to");
    }
    return Optional.empty();
  }

  private static Optional<Obstacle> cardObstacle(List<CudaCard> cards, int index) {
    if (index >= cards.size()) {
      return obstacle(
          "there are " + listed(cards),
          "Take one of these; CUDA_VISIBLE_DEVICES limits which there are");
    }
    if (!cards.get(index).isSupported()) {
      return obstacle(
          "libtorch's natives have no code for it: " + cards.get(index),
          "They run on compute capability " + CudaCard.SUPPORTED + ". Take another device");
    }
    return Optional.empty();
  }

  private static String listed(List<CudaCard> cards) {
    return IntStream.range(0, cards.size())
        .mapToObj(index -> ComputeDevice.cuda(index) + " (" + cards.get(index) + ")")
        .collect(Collectors.joining(", "));
  }

  private static Optional<Obstacle> obstacle(String problem, String cure) {
    return Optional.of(new Obstacle(problem, cure));
  }
}
