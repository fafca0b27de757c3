package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Holds the results of plug-ins against their contracts where they enter: libtorch would broadcast
 * a wrong shape in silence.
 */
public final class PlugInResult {
  private PlugInResult() {}

  /**
   * Checks a tensor.
   *
   * @param result of the plug-in
   * @param plugIn whose class is named
   * @param method of it
   * @param device where the result has to be; null for anywhere
   * @param shape expected
   * @return the result
   * @throws IllegalStateException that names the plug-in, what it returned and what was expected
   */
  public static Tensor check(
      @Nullable Tensor result,
      Object plugIn,
      String method,
      @Nullable ComputeDevice device,
      long... shape) {
    checkState(result != null && !result.isNull(), "%s returned null", name(plugIn, method));
    checkState(
        Arrays.equals(HostTensors.shape(result), shape),
        "%s returned the shape %s, expected %s",
        name(plugIn, method),
        Arrays.toString(HostTensors.shape(result)),
        Arrays.toString(shape));
    checkState(
        result.scalar_type().intern() == ScalarType.Float,
        "%s returned the dtype %s, expected Float",
        name(plugIn, method),
        result.scalar_type().intern());
    if (device != null) {
      checkDevice(result, plugIn, method, device);
    }
    return result;
  }

  private static void checkDevice(
      Tensor result, Object plugIn, String method, ComputeDevice device) {
    try (TensorScope scope = TensorScope.open()) {
      String actual = result.device().str().getString();
      checkState(
          actual.equals(device.toString()),
          "%s returned a tensor on %s, expected it on %s",
          name(plugIn, method),
          actual,
          device);
    }
  }

  private static String name(Object plugIn, String method) {
    return plugIn.getClass().getName() + "." + method;
  }

  /** Whether a plug-in is one of this library, whose tests show that it keeps its contract. */
  static boolean isOwn(Object plugIn) {
    String type = plugIn.getClass().getPackageName();
    return type.startsWith("io.t2v.internal.")
        || Stream.of("io.t2v.scheduler", "io.t2v.guidance").anyMatch(type::equals);
  }

  /**
   * What tensors hold, as two numbers each. A plug-in that changes its arguments changes them.
   *
   * @param sums of elements and of their squares
   */
  public record Fingerprint(List<Double> sums) {
    /** Of the arguments of a plug-in of somebody else; empty for one of this library. */
    public static Fingerprint of(Object plugIn, Tensor... arguments) {
      if (isOwn(plugIn)) {
        return new Fingerprint(List.of());
      }
      try (TensorScope scope = TensorScope.open()) {
        return new Fingerprint(
            Stream.of(arguments)
                .flatMap(x -> Stream.of(x.sum(), x.mul(x).sum()))
                .map(sum -> (double) sum.item_float())
                .toList());
      }
    }

    /**
     * Compares with the arguments as they are now.
     *
     * @throws IllegalStateException if they have changed
     */
    public void requireUnchanged(Object plugIn, String method, Tensor... arguments) {
      checkState(
          equals(of(plugIn, arguments)),
          "%s changed a tensor that it was given, expected a new one: in-place methods end in _",
          name(plugIn, method));
    }
  }
}
