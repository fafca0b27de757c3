package io.t2v.internal.torch;

import com.google.common.base.CharMatcher;
import com.google.common.base.Throwables;
import io.t2v.device.MissingNativesException;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.jspecify.annotations.Nullable;

/** Gathers what there is to compute on. Classes of CUDA load only where libtorch has it. */
final class DeviceProbe {
  private static final String CUDA_CLASS = "org.bytedeco.cuda.global.cudart";

  private static final CharMatcher PERIOD = CharMatcher.is('.');

  private DeviceProbe() {}

  /**
   * Looks at this process.
   *
   * @throws MissingNativesException if there are no natives of libtorch
   */
  static DeviceFacts gather() {
    // JavaCPP's memory limits are lifted when libtorch is loaded: no other class of it before that.
    String platform = Loader.Detector.getPlatform();
    boolean gpuNatives = hasGpuNatives(platform);
    String loadFailure = load(gpuNatives);
    boolean cudaLoaded = loadFailure == null && Context.hasCUDART();
    boolean cudaClasses = isPresent(CUDA_CLASS);
    Driver driver = cudaLoaded && cudaClasses ? driver() : Driver.NOT_ASKED;
    return new DeviceFacts(
        platform,
        gpuNatives,
        loadFailure,
        cudaLoaded,
        cudaLoaded ? new CudaVersion((int) Context.versionCUDART()) : CudaVersion.NONE,
        cudaClasses,
        driver.loadFailure,
        driver.version,
        driver.startFailure,
        driver.cards,
        loadFailure == null && Context.hasMPS());
  }

  private static boolean hasGpuNatives(String platform) {
    String library =
        "org/bytedeco/pytorch/" + platform + "-gpu/" + System.mapLibraryName("torch_cuda");
    return Context.class.getClassLoader().getResource(library) != null;
  }

  private static @Nullable String load(boolean gpuNatives) {
    try {
      TorchRuntime.load();
      return null;
    } catch (MissingNativesException e) {
      if (gpuNatives && e.getCause() != null) {
        return chain(e.getCause());
      }
      throw e;
    }
  }

  private static boolean isPresent(String type) {
    try {
      Class.forName(type, false, Context.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static Driver driver() {
    if (Presets.FAILURE != null) {
      return new Driver(Presets.FAILURE, CudaVersion.NONE, null, List.of());
    }
    CudaVersion version = CudaDriver.version();
    String startFailure = version.exists() ? CudaDriver.start() : null;
    List<CudaCard> cards =
        version.exists() && startFailure == null ? CudaDriver.cards() : List.of();
    return new Driver(null, version, startFailure, cards);
  }

  /** Why the natives do not load is said when they are first tried, and never again. */
  private static final class Presets {
    static final @Nullable String FAILURE = failure();

    private static @Nullable String failure() {
      try {
        CudaDriver.version();
        return null;
      } catch (LinkageError e) {
        return chain(e);
      }
    }
  }

  /** The loader hides the library that is missing in the last cause. */
  private static String chain(Throwable failure) {
    return Throwables.getCausalChain(failure).stream()
        .map(cause -> PERIOD.trimTrailingFrom(String.valueOf(cause.getMessage())))
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private record Driver(
      @Nullable String loadFailure,
      CudaVersion version,
      @Nullable String startFailure,
      List<CudaCard> cards) {
    static final Driver NOT_ASKED = new Driver(null, CudaVersion.NONE, null, List.of());
  }
}
