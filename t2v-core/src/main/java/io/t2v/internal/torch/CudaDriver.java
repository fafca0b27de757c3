package io.t2v.internal.torch;

import static com.google.common.base.Preconditions.checkState;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/**
 * The CUDA driver: what cards there are. It is asked instead of CUDA's runtime because that takes
 * some hundred megabytes of every card it looks into, for as long as the process lives.
 *
 * <p>Needs the CUDA presets. The first use of this class loads them.
 */
final class CudaDriver {
  private static final int NAME_BYTES = 256;

  private CudaDriver() {}

  /** The latest version of CUDA that the driver runs; none without a driver. */
  static CudaVersion version() {
    int[] version = new int[1];
    return cudart.cuDriverGetVersion(version) == cudart.CUDA_SUCCESS
        ? new CudaVersion(version[0])
        : CudaVersion.NONE;
  }

  /** The version of CUDA's libraries that this process has loaded. */
  static CudaVersion runtimeVersion() {
    int[] version = new int[1];
    return cudart.cudaRuntimeGetVersion(version) == cudart.cudaSuccess
        ? new CudaVersion(version[0])
        : CudaVersion.NONE;
  }

  /** Starts the driver: the name of the error, or null if it runs, be it without any card. */
  static @Nullable String start() {
    int result = cudart.cuInit(0);
    return result == cudart.CUDA_SUCCESS || result == cudart.CUDA_ERROR_NO_DEVICE
        ? null
        : nameOf(result);
  }

  /** The cards, in CUDA's order; the driver has been started. */
  static List<CudaCard> cards() {
    int[] count = new int[1];
    int result = cudart.cuDeviceGetCount(count);
    // A driver that found no card when it started says that it was not started.
    if (result != cudart.CUDA_SUCCESS) {
      return List.of();
    }
    List<CudaCard> cards = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      cards.add(card(i));
    }
    return cards;
  }

  static CudaCard card(int index) {
    try (TensorScope scope = TensorScope.open()) {
      int device = device(index);
      byte[] name = new byte[NAME_BYTES];
      check("cuDeviceGetName", cudart.cuDeviceGetName(name, name.length, device));
      SizeTPointer total = new SizeTPointer(1);
      check("cuDeviceTotalMem", cudart.cuDeviceTotalMem(total, device));
      return new CudaCard(
          text(name),
          total.get(),
          attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
          attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device));
    }
  }

  /**
   * Free memory of a card. The card's context is held only meanwhile: where nobody else in this
   * process uses the card, it is as before.
   *
   * @return bytes; 0 if the card cannot be used, as when another process has it for its own
   */
  static long freeBytes(int index) {
    try (TensorScope scope = TensorScope.open()) {
      int device = device(index);
      CUctx_st context = new CUctx_st();
      if (cudart.cuDevicePrimaryCtxRetain(context, device) != cudart.CUDA_SUCCESS) {
        return 0;
      }
      try {
        return freeBytes(context);
      } finally {
        check("cuDevicePrimaryCtxRelease", cudart.cuDevicePrimaryCtxRelease(device));
      }
    }
  }

  private static long freeBytes(CUctx_st context) {
    SizeTPointer free = new SizeTPointer(1);
    SizeTPointer total = new SizeTPointer(1);
    check("cuCtxPushCurrent", cudart.cuCtxPushCurrent(context));
    try {
      check("cuMemGetInfo", cudart.cuMemGetInfo(free, total));
    } finally {
      check("cuCtxPopCurrent", cudart.cuCtxPopCurrent(new CUctx_st()));
    }
    return free.get();
  }

  private static int device(int index) {
    int[] device = new int[1];
    check("cuDeviceGet", cudart.cuDeviceGet(device, index));
    return device[0];
  }

  private static int attribute(int attribute, int device) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", cudart.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  private static void check(String call, int result) {
    checkState(result == cudart.CUDA_SUCCESS, "%s failed: %s", call, nameOf(result));
  }

  private static String nameOf(int result) {
    try (TensorScope scope = TensorScope.open()) {
      PointerPointer<BytePointer> name = new PointerPointer<>(1);
      return cudart.cuGetErrorName(result, name) == cudart.CUDA_SUCCESS
          ? name.get(BytePointer.class).getString()
          : "CUDA error " + result;
    }
  }

  private static String text(byte[] zeroEnded) {
    int length = 0;
    while (length < zeroEnded.length && zeroEnded[length] != 0) {
      length++;
    }
    return new String(zeroEnded, 0, length, StandardCharsets.UTF_8);
  }
}
