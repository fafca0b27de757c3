package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** What all built-in plans share: the order of steps, and native memory that ends with the step. */
abstract class TensorPlan implements SamplingPlan {
  private static final int NOT_BEGUN = -1;

  private final double[] timesteps;
  private int next = NOT_BEGUN;
  private boolean closed;
  private @Nullable PredictionType prediction;

  TensorPlan(double[] timesteps) {
    this.timesteps = timesteps.clone();
  }

  @Override
  public final double[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public double initialNoiseScale() {
    return 1;
  }

  @Override
  public Tensor scaleModelInput(Tensor latents, int index) {
    return new Tensor(latents);
  }

  @Override
  public final Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise) {
    checkState(!closed, "the plan is closed");
    checkArgument(
        index >= 0 && index < timesteps.length,
        "step %s of a plan of %s timesteps",
        index,
        timesteps.length);
    checkState(
        next == NOT_BEGUN || index == next, "step %s is out of order, expected %s", index, next);
    next = index + 1;
    return SamplingPlan.scoped(
        () -> advance(modelOutput, index, latents, noise).to(latents.scalar_type()));
  }

  /** Says what the denoiser predicts, for {@link #predictX0}. */
  final void setPrediction(PredictionType type) {
    prediction = type;
  }

  /** The shares of clean latents and of noise are those that {@link #noised} mixes them with. */
  @Override
  public Tensor predictX0(Tensor modelOutput, int index, Tensor latents) {
    PredictionType type = prediction;
    if (type == null) {
      return scaleModelInput(latents, index);
    }
    return SamplingPlan.scoped(
        () -> {
          Tensor one = torch.ones(1);
          Tensor zero = torch.zeros(1);
          double alpha = noised(one, zero, index).tensor().item_float();
          double sigma = noised(zero, one, index).tensor().item_float();
          return type.toX0(modelOutput, latents, alpha, sigma);
        });
  }

  @Override
  public final Tensor addNoise(Tensor clean, Tensor noise, int index) {
    return SamplingPlan.scoped(() -> noised(clean, noise, index).tensor().to(clean.scalar_type()));
  }

  @Override
  public void close() {
    closed = true;
  }

  /**
   * Computes a step inside a scope that frees the intermediates.
   *
   * @param modelOutput what the denoiser predicted
   * @param index which step
   * @param latents the current latents
   * @param noise where to draw noise
   * @return the next latents, in any dtype
   */
  abstract Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise);

  /**
   * Adds noise inside a scope that frees the intermediates.
   *
   * @param clean clean latents
   * @param noise standard Gaussian noise
   * @param index which timestep
   * @return the noisy latents
   */
  abstract LinearCombination noised(Tensor clean, Tensor noise, int index);

  /**
   * Adds fresh noise to the next latents.
   *
   * @param next the next latents but for the noise
   * @param scale standard deviation of the noise
   * @param noise where to draw it
   * @param like of the shape of the latents
   * @return the sum
   */
  static Tensor withNoise(LinearCombination next, double scale, Noise noise, Tensor like) {
    try (Tensor fresh = noise.randnLike(like)) {
      return next.plus(scale, fresh).tensor();
    }
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
