package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedLinear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A linear layer: {@code x · weightᵀ + bias} over the last dimension. */
public final class Linear {
  /** What a packed layer is tuned for; other numbers of rows work as well. */
  private static final long TYPICAL_ROWS = 2048;

  private final Kernel kernel;

  private Linear(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Takes {@code weight} [out, in] and {@code bias} [out].
   *
   * @param weights of this layer
   * @param in width of the input
   * @param out width of the output
   * @return the layer
   */
  public static Linear load(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(weights, weights.raw("weight", out, in), weights.raw("bias", out));
    }
  }

  /**
   * Takes {@code weight} [out, in] alone.
   *
   * @param weights of this layer
   * @param in width of the input
   * @param out width of the output
   * @return the layer, without a bias
   */
  public static Linear loadWithoutBias(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(weights, weights.raw("weight", out, in), null);
    }
  }

  /**
   * Makes one layer of several that see the same input, so that they cost one product.
   *
   * @param weights of the layer around them
   * @param in width of the input
   * @param out width of each output
   * @param bias whether they have biases
   * @param names of the layers
   * @return a layer whose output holds theirs one after the other
   */
  public static Linear fused(Weights weights, long in, long out, boolean bias, String... names) {
    try (TensorScope scope = TensorScope.open()) {
      TensorVector matrices = new TensorVector();
      TensorVector biases = new TensorVector();
      for (String name : names) {
        matrices.push_back(weights.at(name).raw("weight", out, in));
        if (bias) {
          biases.push_back(weights.at(name).raw("bias", out));
        }
      }
      return of(weights, torch.cat(matrices, 0), bias ? torch.cat(biases, 0) : null);
    }
  }

  /**
   * Makes a layer of given parameters.
   *
   * @param weights says whether to pack, and keeps the result
   * @param matrix [out, in]
   * @param bias [out], or null
   * @return the layer
   */
  public static Linear of(Weights weights, Tensor matrix, @Nullable Tensor bias) {
    NativePool pool = weights.pool();
    if (!weights.compute().device().isCpu() || !TorchRuntime.hasOneDnn()) {
      return new Linear(new Plain(pool.adopt(matrix), pool.adopt(optional(bias))));
    }
    return new Linear(
        new OneDnn(
            weights.packed()
                ? PackedLinear.pack(matrix, bias, TYPICAL_ROWS, pool)
                : PackedLinear.inPlace(matrix, bias, pool)));
  }

  private static TensorOptional optional(@Nullable Tensor bias) {
    return bias == null ? new TensorOptional() : new TensorOptional(bias);
  }

  /**
   * Computes the layer.
   *
   * @param x [..., in]
   * @return [..., out], contiguous
   */
  public Tensor forward(Tensor x) {
    return kernel.forward(x);
  }

  /**
   * Computes the exact GELU of the layer.
   *
   * @param x [..., in]
   * @return [..., out], contiguous
   */
  public Tensor forwardGelu(Tensor x) {
    return kernel.forwardGelu(x);
  }

  /**
   * Computes the layer times another tensor.
   *
   * @param x [..., in]
   * @param factor [..., out]
   * @return [..., out], contiguous
   */
  public Tensor forwardTimes(Tensor x, Tensor factor) {
    return kernel.forwardTimes(x, factor);
  }

  private interface Kernel {
    Tensor forward(Tensor x);

    Tensor forwardGelu(Tensor x);

    Tensor forwardTimes(Tensor x, Tensor factor);
  }

  private record OneDnn(PackedLinear layer) implements Kernel {
    @Override
    public Tensor forward(Tensor x) {
      return layer.forward(x);
    }

    @Override
    public Tensor forwardGelu(Tensor x) {
      return layer.forwardGelu(x);
    }

    @Override
    public Tensor forwardTimes(Tensor x, Tensor factor) {
      return layer.forwardTimes(x, factor);
    }
  }

  /** libtorch's own: for other devices and numbers, and where libtorch comes without oneDNN. */
  private record Plain(Tensor weight, TensorOptional bias) implements Kernel {
    @Override
    public Tensor forward(Tensor x) {
      return torch.linear(x, weight, bias);
    }

    @Override
    public Tensor forwardGelu(Tensor x) {
      return Activation.GELU.applyInPlace(forward(x));
    }

    @Override
    public Tensor forwardTimes(Tensor x, Tensor factor) {
      return forward(x).mul_(factor);
    }
  }
}
