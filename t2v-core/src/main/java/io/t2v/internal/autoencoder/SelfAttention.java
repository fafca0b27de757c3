package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/** Attention of all pixels of an image to each other, with a single head. */
final class SelfAttention {
  private final GroupNorm norm;
  private final Linear queryKeyValue;
  private final Linear out;

  SelfAttention(VaeConfig config, Weights weights, long channels) {
    norm = config.norm(weights.at("group_norm"), channels);
    // Checkpoints from before mid-2023 use these names, some of them for 1 × 1 convolutions.
    boolean oldNames = weights.has("query.weight");
    queryKeyValue =
        oldNames
            ? Linear.fused(weights, channels, channels, true, "query", "key", "value")
            : Linear.fused(weights, channels, channels, true, "to_q", "to_k", "to_v");
    out = Linear.load(weights.at(oldNames ? "proj_attn" : "to_out.0"), channels, channels);
  }

  /** Adds attention to x, [n, channels, height, width]. */
  void addTo(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      long images = x.size(0);
      long channels = x.size(1);
      long pixels = x.size(2) * x.size(3);
      Tensor tokens = norm.forward(x).permute(0, 2, 3, 1).reshape(images, pixels, channels);
      Tensor projected = queryKeyValue.forward(tokens).view(images, 1, pixels, 3, channels);
      Tensor attended =
          Attention.attend(
              projected.select(3, 0), projected.select(3, 1), projected.select(3, 2), null);
      Tensor merged = attended.view(images, x.size(2), x.size(3), channels);
      x.permute(0, 2, 3, 1).add_(out.forward(merged));
    }
  }
}
