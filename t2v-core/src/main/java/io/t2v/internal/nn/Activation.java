package io.t2v.internal.nn;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.files.JsonConfig;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A function that is applied to each element. */
public enum Activation {
  /** {@code x · sigmoid(x)}, also called swish. */
  SILU(torch::silu_),
  /** The exact Gaussian error linear unit. */
  GELU(torch::gelu_),
  /** {@code x · sigmoid(1.702 x)}, CLIP's approximation of GELU. */
  QUICK_GELU(x -> x.mul_(torch.sigmoid_(x.mul(new Scalar(1.702))))),
  /** {@code x · tanh(softplus(x))}. */
  MISH(torch::mish_),
  /** {@code max(x, 0)}. */
  RELU(torch::relu_);

  private static final ImmutableMap<String, Activation> BY_NAME =
      ImmutableMap.of(
          "silu",
          SILU,
          "swish",
          SILU,
          "gelu",
          GELU,
          "quick_gelu",
          QUICK_GELU,
          "mish",
          MISH,
          "relu",
          RELU);

  private final Consumer<Tensor> inPlace;

  Activation(Consumer<Tensor> inPlace) {
    this.inPlace = inPlace;
  }

  /**
   * Reads the name of an activation.
   *
   * @param config the options
   * @param field name of the field
   * @param otherwise what stands for an absent field
   * @return the activation
   * @throws io.t2v.checkpoint.CheckpointException if the name is unknown
   */
  public static Activation read(JsonConfig config, String field, String otherwise) {
    Activation activation = BY_NAME.get(config.text(field, otherwise));
    if (activation == null) {
      throw config.unexpected(field, "one of " + BY_NAME.keySet());
    }
    return activation;
  }

  /**
   * Replaces each element.
   *
   * @param x any shape; overwritten
   * @return x
   */
  public Tensor applyInPlace(Tensor x) {
    // What libtorch's in-place functions return is an alias that dangles when x is freed.
    inPlace.accept(x);
    return x;
  }

  /**
   * Computes each element anew.
   *
   * @param x any shape
   * @return the same shape
   */
  public Tensor apply(Tensor x) {
    return applyInPlace(x.clone());
  }
}
