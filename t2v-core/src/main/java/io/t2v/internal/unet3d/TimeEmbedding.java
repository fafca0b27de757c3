package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The embedding of a timestep: cosines and sines, then two linear layers. */
final class TimeEmbedding {
  private static final double MAX_PERIOD = 10000;

  private final int channels;
  private final Linear linear1;
  private final Linear linear2;
  private final @Nullable Linear conditionProjection;
  private final Activation activation;
  private final ComputeConfig compute;

  TimeEmbedding(UnetConfig config, Weights weights) {
    channels = config.blockOutChannels().get(0);
    linear1 = Linear.load(weights.at("linear_1"), channels, config.timeEmbeddingDim());
    linear2 =
        Linear.load(weights.at("linear_2"), config.timeEmbeddingDim(), config.timeEmbeddingDim());
    conditionProjection =
        config.timeCondProjDim() == 0
            ? null
            : Linear.loadWithoutBias(weights.at("cond_proj"), config.timeCondProjDim(), channels);
    activation = config.activation();
    compute = weights.compute();
  }

  /**
   * Embeds a timestep, and applies the activation with which every residual layer begins its
   * projection.
   *
   * @param timestepCondition [1 or samples, time_cond_proj_dim], or null
   * @return [1 or samples, width]
   */
  Tensor forward(double timestep, @Nullable Tensor timestepCondition) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor embedding = compute.toCompute(sinusoids(timestep));
      if (timestepCondition != null && conditionProjection != null) {
        embedding = embedding.add(conditionProjection.forward(timestepCondition));
      }
      Tensor hidden = activation.applyInPlace(linear1.forward(embedding));
      return scope.keep(activation.applyInPlace(linear2.forward(hidden)));
    }
  }

  /**
   * The reference's get_timestep_embedding, cosines first, without a shift: float32, [1, channels].
   * Computed on the network's device: a copy from the CPU would wait for all work that is queued
   * there.
   */
  private Tensor sinusoids(double timestep) {
    long half = channels / 2;
    Tensor angles =
        torch
            .arange(new Scalar(half), compute.options(ScalarType.Float))
            .mul_(new Scalar(-Math.log(MAX_PERIOD)))
            .div_(new Scalar((double) half))
            .exp_()
            .mul_(new Scalar((float) timestep));
    return torch.cat(new TensorVector(angles.cos(), angles.sin()), 0).view(1, 2 * half);
  }
}
