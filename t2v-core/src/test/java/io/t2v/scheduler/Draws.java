package io.t2v.scheduler;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers of libtorch's CPU generator: the same as torch's for a seed. */
final class Draws implements Noise, AutoCloseable {
  private final Generator generator;

  Draws(long seed) {
    generator = torch.make_generator_cpu(seed).retainReference();
  }

  Tensor gaussian(long... shape) {
    try (GeneratorOptional from = new GeneratorOptional(generator)) {
      return torch.randn(shape, from);
    }
  }

  @Override
  public Tensor gaussianLike(Tensor like) {
    return gaussian(like.shape());
  }

  static float[] floats(Tensor tensor) {
    try (Tensor flat = tensor.contiguous()) {
      float[] values = new float[(int) flat.numel()];
      flat.data_ptr_float().get(values);
      return values;
    }
  }

  @Override
  public void close() {
    generator.close();
  }
}
