package io.t2v.internal.torch;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Gaussian noise from libtorch's CPU generator: the same numbers as the reference's {@code
 * torch.Generator("cpu").manual_seed(seed)}, whatever the device of the computation. Used by one
 * thread at a time.
 */
public final class GaussianGenerator implements AutoCloseable {
  private final NativePool pool = new NativePool();
  private final GeneratorOptional generator;

  /**
   * Makes a generator.
   *
   * @param seed any number
   */
  public GaussianGenerator(long seed) {
    try (TensorScope scope = TensorScope.open()) {
      Generator seeded = torch.make_generator_cpu();
      seeded.set_current_seed(seed);
      generator = pool.adopt(new GeneratorOptional(seeded));
    }
  }

  /**
   * Draws the next numbers.
   *
   * @param shape of the noise
   * @return float32 on the CPU, of the innermost open scope
   */
  public Tensor draw(long... shape) {
    return torch.randn(shape, generator);
  }

  /**
   * Draws an order, as the reference's {@code torch.randperm}.
   *
   * @param count how many numbers, at least 1
   * @return 0 to {@code count - 1}, shuffled; int64 on the CPU, of the innermost open scope
   */
  public Tensor permutation(long count) {
    return torch.randperm(count, generator);
  }

  /**
   * Returns where in its random numbers the generator is.
   *
   * @return bytes on the CPU, of the innermost open scope
   */
  public Tensor state() {
    return generator.get().get_state();
  }

  /**
   * Goes to where another generator was.
   *
   * @param state of that one, on the CPU
   */
  public void setState(Tensor state) {
    try (TensorScope scope = TensorScope.open()) {
      generator.get().set_state(state);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
