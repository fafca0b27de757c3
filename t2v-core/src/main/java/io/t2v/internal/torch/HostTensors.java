package io.t2v.internal.torch;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Copies arrays to tensors and back. */
public final class HostTensors {
  private HostTensors() {}

  /**
   * Copies numbers into a tensor.
   *
   * @param values row by row
   * @param shape whose product is the number of values
   * @return float32 on the CPU, of the innermost open scope
   */
  public static Tensor of(float[] values, long... shape) {
    Tensor tensor = torch.empty(shape);
    new FloatPointer(tensor.data_ptr_float()).put(values);
    return tensor;
  }

  /**
   * Copies integers into a tensor.
   *
   * @param values row by row
   * @param shape whose product is the number of values
   * @return int64 on the CPU, of the innermost open scope
   */
  public static Tensor of(long[] values, long... shape) {
    Tensor tensor =
        torch.empty(shape, new TensorOptions(ScalarType.Long), new MemoryFormatOptional());
    new LongPointer(tensor.data_ptr_long()).put(values);
    return tensor;
  }

  /**
   * Copies a tensor's numbers.
   *
   * @param tensor of any number type, on any device
   * @return its numbers, row by row
   */
  public static float[] toFloats(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor plain = tensor.cpu().to(ScalarType.Float).contiguous();
      float[] values = new float[Math.toIntExact(plain.numel())];
      if (values.length > 0) {
        plain.data_ptr_float().get(values);
      }
      return values;
    }
  }

  /**
   * Copies a tensor's integers.
   *
   * @param tensor of an integer type, on any device
   * @return its numbers, row by row
   */
  public static long[] toLongs(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor plain = tensor.cpu().to(ScalarType.Long).contiguous();
      long[] values = new long[Math.toIntExact(plain.numel())];
      if (values.length > 0) {
        plain.data_ptr_long().get(values);
      }
      return values;
    }
  }

  /**
   * Returns a tensor's shape.
   *
   * @param tensor any
   * @return its dimensions, outermost first
   */
  public static long[] shape(Tensor tensor) {
    long[] shape = new long[Math.toIntExact(tensor.dim())];
    Arrays.setAll(shape, tensor::size);
    return shape;
  }
}
