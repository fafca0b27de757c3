package io.t2v.internal.nn;

import io.t2v.internal.torch.HostTensors;
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

/**
 * A linear layer: {@code x · weightᵀ + bias} over the last dimension.
 *
 * <p>On a CPU it is computed by oneDNN, whose operators fuse what follows: a GELU, or a product
 * with another tensor. Elsewhere, and where libtorch comes without oneDNN, by libtorch itself.
 */
public final class Linear {
  /** Rows of input that oneDNN picks a packed weight's layout for; others work as well. */
  private static final long TYPICAL_ROWS = 2048;

  private final Kernel kernel;
  private final long out;

  private Linear(Kernel kernel, long out) {
    this.kernel = kernel;
    this.out = out;
  }

  /** Loads {@code weight} [out, in] and {@code bias} [out]. */
  public static Linear load(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(weights, weights.packable("weight", out, in), weights.packable("bias", out));
    }
  }

  /** Loads {@code weight} [out, in] alone. */
  public static Linear loadWithoutBias(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(weights, weights.packable("weight", out, in), null);
    }
  }

  /**
   * Loads several layers that see the same input, each [out, in], as one: a single larger product
   * is faster. The output is theirs one after the other, [..., names · out].
   *
   * @param weights of the module that contains the layers
   * @param bias whether they have biases
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
      return of(weights, stacked(weights, matrices), bias ? stacked(weights, biases) : null);
    }
  }

  /** One below the other, in memory that is not to be kept if weights are packed. */
  private static Tensor stacked(Weights weights, TensorVector tensors) {
    long[] shape = HostTensors.shape(tensors.get(0));
    shape[0] *= tensors.size();
    Tensor all = weights.staging().like(tensors.get(0), shape);
    torch.cat_out(all, tensors, 0);
    return all;
  }

  /** Makes a layer of a matrix [out, in] and a bias [out] or null. */
  static Linear of(Weights weights, Tensor matrix, @Nullable Tensor bias) {
    NativePool pool = weights.pool();
    if (!weights.compute().device().isCpu() || !TorchRuntime.hasOneDnn()) {
      return new Linear(new TorchKernel(pool.adopt(matrix), optional(bias, pool)), matrix.size(0));
    }
    return new Linear(
        new OneDnnKernel(
            weights.packed()
                ? PackedLinear.pack(matrix, bias, TYPICAL_ROWS, pool)
                : PackedLinear.inPlace(matrix, bias, pool)),
        matrix.size(0));
  }

  /** The pool weighs tensors, but not what wraps them: it gets both. */
  private static TensorOptional optional(@Nullable Tensor bias, NativePool pool) {
    return pool.adopt(bias == null ? new TensorOptional() : new TensorOptional(pool.adopt(bias)));
  }

  /** [..., in] to [..., out], contiguous. */
  public Tensor forward(Tensor x) {
    try (LayerEvent event = event(x)) {
      return kernel.forward(x);
    }
  }

  private LayerEvent event(Tensor x) {
    return LayerEvent.begin(LayerKind.LINEAR).withProduct(out, x.numel());
  }

  /** The exact GELU of the layer: [..., in] to [..., out], contiguous. */
  public Tensor forwardGelu(Tensor x) {
    try (LayerEvent event = event(x)) {
      return kernel.forwardGelu(x);
    }
  }

  /** The layer times another tensor: x [..., in], factor [..., out] to [..., out], contiguous. */
  public Tensor forwardTimes(Tensor x, Tensor factor) {
    try (LayerEvent event = event(x)) {
      return kernel.forwardTimes(x, factor);
    }
  }

  /** The layer plus another tensor: x [..., in], addend [..., out] to [..., out], contiguous. */
  public Tensor forwardPlus(Tensor x, Tensor addend) {
    try (LayerEvent event = event(x)) {
      return kernel.forwardPlus(x, addend);
    }
  }

  /**
   * Adds the layer to a tensor, with no copy of it where the kernel allows that.
   *
   * @param sum [..., out], overwritten; any strides
   * @param x [..., in]
   */
  public void addTo(Tensor sum, Tensor x) {
    try (LayerEvent event = event(x);
        TensorScope scope = TensorScope.open()) {
      kernel.addTo(sum, x);
    }
  }

  private interface Kernel {
    Tensor forward(Tensor x);

    Tensor forwardGelu(Tensor x);

    Tensor forwardTimes(Tensor x, Tensor factor);

    Tensor forwardPlus(Tensor x, Tensor addend);

    void addTo(Tensor sum, Tensor x);
  }

  private record OneDnnKernel(PackedLinear layer) implements Kernel {
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

    @Override
    public Tensor forwardPlus(Tensor x, Tensor addend) {
      return layer.forwardPlus(x, addend);
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
      sum.copy_(forwardPlus(x, sum));
    }
  }

  private record TorchKernel(Tensor weight, TensorOptional bias) implements Kernel {
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

    @Override
    public Tensor forwardPlus(Tensor x, Tensor addend) {
      return forward(x).add_(addend);
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
      sum.add_(forward(x));
    }
  }
}
