package io.t2v.contract;

import io.t2v.scheduler.Noise;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers of libtorch's CPU generator: the same as torch's for a seed. */
public final class Draws implements Noise, AutoCloseable {
  private final Generator generator;

  /**
   * Starts a sequence.
   *
   * @param seed which one
   */
  public Draws(long seed) {
    generator = torch.make_generator_cpu(seed).retainReference();
  }

  /**
   * Draws standard Gaussian noise in single precision.
   *
   * @param shape of the tensor
   * @return a tensor of its own
   */
  public Tensor gaussian(long... shape) {
    try (GeneratorOptional from = new GeneratorOptional(generator)) {
      return torch.randn(shape, from);
    }
  }

  @Override
  public Tensor randnLike(Tensor like) {
    return gaussian(like.shape());
  }

  /**
   * Copies a tensor's values.
   *
   * @param tensor in single precision
   * @return its values in order
   */
  public static float[] floats(Tensor tensor) {
    try (Tensor flat = tensor.contiguous()) {
      float[] values = new float[Math.toIntExact(flat.numel())];
      flat.data_ptr_float().get(values);
      return values;
    }
  }

  @Override
  public void close() {
    generator.close();
  }
}
