package io.t2v.internal.torch;

import com.google.common.collect.ImmutableMap;
import io.t2v.device.ComputeDevice;
import io.t2v.device.ComputeDevice.Kind;
import io.t2v.device.MissingNativesException;
import io.t2v.internal.io.NativeCache;
import io.t2v.internal.io.NativeLoadFailure;
import io.t2v.internal.io.NativeMemoryLimits;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * libtorch in this process: loads it once, and says what it is.
 *
 * <p>Three settings of the process are touched, since the library cannot work well without them.
 * All are left alone when the system property {@value #KEEP_PROPERTY} is {@code true}.
 *
 * <ul>
 *   <li>JavaCPP refuses native memory beyond four times the Java heap. A model of 7 GB lives
 *       outside the heap, so the limits are lifted, unless the host set them or loaded JavaCPP
 *       before.
 *   <li>OpenBLAS gets one thread. Its own threads fight with libtorch's over one lock, which slows
 *       attention down by a factor of up to 50; libtorch runs several products side by side
 *       instead.
 *   <li>Where CUDA is used, cuDNN tries its kernels on the first convolution of each shape and
 *       takes the fastest from then on.
 * </ul>
 */
public final class TorchRuntime {
  /** System property that keeps the three settings as they are. */
  public static final String KEEP_PROPERTY = NativeMemoryLimits.KEEP_PROPERTY;

  /** System property that keeps oneDNN's packed kernels from being used, for comparison. */
  public static final String NO_ONEDNN_PROPERTY = "io.t2v.withoutOneDnn";

  private static final Logger LOGGER = System.getLogger(TorchRuntime.class.getName());

  private TorchRuntime() {}

  /**
   * Loads libtorch, the first time it is called.
   *
   * @throws MissingNativesException if the native libraries for this platform are missing or do not
   *     load
   */
  public static void load() {
    Loaded.LIBTORCH.check();
  }

  /**
   * Returns the number of threads that one operator should use.
   *
   * @return libtorch's own default, or the number of CPUs that this JVM may use if that is lower
   *     (libtorch does not see a container's quota); at least 1
   */
  public static int defaultThreads() {
    load();
    return Math.max(
        1, Math.min(Loaded.LIBTORCH.threads, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Tells whether libtorch has oneDNN's kernels. Builds for ARM come without them.
   *
   * @return false also where the system property {@value #NO_ONEDNN_PROPERTY} is {@code true}
   */
  public static boolean hasOneDnn() {
    load();
    return Loaded.LIBTORCH.oneDnn;
  }

  /** Whether the host wants the settings of its process as they are. */
  public static boolean keepsProcessSettings() {
    return Boolean.getBoolean(KEEP_PROPERTY);
  }

  /**
   * Returns what computes.
   *
   * @param device a real one, which {@link Devices#resolve} has found
   * @return name to version: the presets of libtorch, its CPU capability, the Java runtime; on CUDA
   *     also CUDA and cuDNN as they run, the latest CUDA that the driver runs, and the card
   */
  public static Map<String, String> versions(ComputeDevice device) {
    load();
    String presets = torch.class.getPackage().getImplementationVersion();
    try (TensorScope scope = TensorScope.open()) {
      ImmutableMap.Builder<String, String> versions = ImmutableMap.builder();
      versions.put("pytorch", presets == null ? "unknown" : presets);
      versions.put("cpuCapability", torch.get_cpu_capability().getString());
      versions.put("java", Runtime.version().toString());
      if (device.kind() == Kind.CUDA) {
        versions.put("cuda", CudaDriver.runtimeVersion().toString());
        versions.put("cudnn", cudnn(Context.versionRuntimeCuDNN()));
        versions.put("cudaDriver", CudaDriver.version().toString());
        versions.put("gpu", CudaDriver.card(device.index()).name());
      }
      return versions.buildOrThrow();
    }
  }

  /** As cuDNN counts since version 9: 91900 is 9.19.0. */
  public static String cudnn(long number) {
    return number / 10_000 + "." + number % 10_000 / 100 + "." + number % 100;
  }

  /** Loads when first asked, exactly once, and remembers why it failed. */
  private static final class Loaded {
    static final Loaded LIBTORCH = new Loaded();

    private final @Nullable Throwable failure;
    private final int threads;
    private final boolean oneDnn;

    private Loaded() {
      Throwable caught = null;
      int count = 1;
      boolean hasOneDnn = false;
      try {
        boolean keep = keepsProcessSettings();
        if (!keep) {
          liftMemoryLimits();
        }
        NativeCache.complete(torch.class.getClassLoader(), "openblas", "pytorch");
        Loader.load(torch.class);
        if (!keep) {
          useOneBlasThread();
        }
        count = torch.get_num_threads();
        hasOneDnn = torch.hasMKLDNN() && !Boolean.getBoolean(NO_ONEDNN_PROPERTY);
      } catch (LinkageError | IOException | RuntimeException e) {
        caught = e;
      }
      failure = caught;
      threads = count;
      oneDnn = hasOneDnn;
    }

    void check() {
      if (failure != null) {
        throw new MissingNativesException(
            NativeLoadFailure.explain("libtorch", torch.class, failure), failure);
      }
    }

    /** In a scope, since the preset leaves a native object behind. */
    private static void useOneBlasThread() {
      try (TensorScope scope = TensorScope.open()) {
        openblas_nolapack.blas_set_num_threads(1);
      }
    }

    private static void liftMemoryLimits() {
      NativeMemoryLimits.lift();
      long limit = Pointer.maxPhysicalBytes();
      if (limit > 0) {
        LOGGER.log(
            Level.WARNING,
            "JavaCPP allows this process {0} MiB of native memory. Models of this family need"
                + " several GiB: start the JVM with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0"
                + " -Dorg.bytedeco.javacpp.maxBytes=0, or load this library before other users of"
                + " JavaCPP.",
            limit >> 20);
      }
    }
  }
}
