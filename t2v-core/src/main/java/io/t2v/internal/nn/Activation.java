package io.t2v.internal.nn;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.files.JsonConfig;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** An elementwise activation function, by the names that diffusers and transformers use. */
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
   * Reads the activation that a field of a configuration names.
   *
   * @throws io.t2v.checkpoint.CheckpointException if the name is unknown
   */
  public static Activation read(JsonConfig config, String field, String defaultName) {
    Activation activation = BY_NAME.get(config.text(field, defaultName));
    if (activation == null) {
      throw config.unexpected(field, "one of " + BY_NAME.keySet());
    }
    return activation;
  }

  /** Overwrites x, and returns it. */
  public Tensor applyInPlace(Tensor x) {
    // Not the return value of libtorch's in-place function: that alias dangles once x is freed.
    try (LayerEvent event = LayerEvent.begin(LayerKind.ACTIVATION)) {
      inPlace.accept(x);
    }
    return x;
  }
}
