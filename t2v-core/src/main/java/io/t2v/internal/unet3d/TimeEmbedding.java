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

/** A timestep as a vector: cosines and sines, then two layers. */
final class TimeEmbedding {
  private static final double MAX_PERIOD = 10000;

  private final int sines;
  private final Linear linear1;
  private final Linear linear2;
  private final @Nullable Linear condition;
  private final Activation activation;
  private final ComputeConfig compute;

  TimeEmbedding(UnetConfig config, Weights weights) {
    sines = config.blockOutChannels().get(0);
    linear1 = Linear.load(weights.at("linear_1"), sines, config.timeEmbeddingDim());
    linear2 =
        Linear.load(weights.at("linear_2"), config.timeEmbeddingDim(), config.timeEmbeddingDim());
    condition =
        config.timeCondProjDim() == 0
            ? null
            : Linear.loadWithoutBias(weights.at("cond_proj"), config.timeCondProjDim(), sines);
    activation = config.activation();
    compute = weights.compute();
  }

  /**
   * Embeds a timestep, with the activation that every residual layer puts in front of its
   * projection.
   *
   * @param given [clips, time_cond_proj_dim], or null
   * @return [1 or clips, width]
   */
  Tensor forward(double timestep, @Nullable Tensor given) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor embedding = compute.toCompute(sinusoids(timestep));
      if (given != null && condition != null) {
        embedding = embedding.add(condition.forward(given));
      }
      Tensor hidden = activation.applyInPlace(linear1.forward(embedding));
      return scope.keep(activation.applyInPlace(linear2.forward(hidden)));
    }
  }

  /**
   * The reference's get_timestep_embedding, cosines first, without a shift; float32, [1, sines].
   * Made where the network computes: a copy from the processor would wait for all that a device has
   * still to do.
   */
  private Tensor sinusoids(double timestep) {
    long half = sines / 2;
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
