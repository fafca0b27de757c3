package io.t2v.scheduler;

import io.t2v.internal.torch.TensorScope;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of a {@link Scheduler}: its timesteps, and whatever it remembers from step to step.
 *
 * <p>The pipeline calls the denoiser once for each entry of {@link #timesteps()}, in order, and
 * hands its output to {@link #step}. A solver that evaluates the model twice in a step lists two
 * entries. Used by one thread at a time.
 *
 * <p>Tensors have the shape [videos × frames, channels, height, width], as in the reference, which
 * folds frames into the batch: what is computed per sample (a threshold's quantile) is computed per
 * frame. The frames of a video are neighbours. A video comes out the same alone and in a batch, so
 * a step never mixes videos.
 *
 * <p>Arguments are neither closed nor changed. A result is a new tensor, which belongs to the
 * innermost open {@link org.bytedeco.javacpp.PointerScope} of the thread, or, where none is open,
 * to the caller, who closes it. {@link #scoped} does that.
 */
public interface SamplingPlan extends AutoCloseable {
  /**
   * Returns the timesteps at which the denoiser is called. The reference's {@code timesteps}.
   *
   * @return a copy, from noisy to clean; at least one, not necessarily whole
   */
  double[] timesteps();

  /**
   * Returns the standard deviation of the noise that the run starts from. The reference's {@code
   * init_noise_sigma}.
   *
   * @return 1 for schedules that preserve variance
   */
  double initialNoiseScale();

  /**
   * Scales the latents for the denoiser. The reference's {@code scale_model_input}.
   *
   * @param latents the current latents
   * @param index into {@link #timesteps()}
   * @return the denoiser's input: a new handle, also where nothing changes
   */
  Tensor scaleModelInput(Tensor latents, int index);

  /**
   * Goes from the current timestep to the next. The reference's {@code step}.
   *
   * @param modelOutput what the denoiser predicted for the scaled latents, guidance applied
   * @param index into {@link #timesteps()}; each comes once, in order
   * @param latents the current latents, unscaled
   * @param noise from which a stochastic solver draws its noise
   * @return the next latents
   */
  Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise);

  /**
   * Estimates the clean latents that a prediction means: what a preview of the run shows. It has no
   * part in the run itself.
   *
   * @param modelOutput what the denoiser predicted for the scaled latents, guidance applied
   * @param index into {@link #timesteps()}
   * @param latents the current latents, unscaled
   * @return the estimate; by default the latents as the denoiser sees them, noise included
   */
  default Tensor predictX0(Tensor modelOutput, int index, Tensor latents) {
    return scaleModelInput(latents, index);
  }

  /**
   * Adds noise to clean latents, so that a run can start at {@code index} instead of at pure noise.
   * The reference's {@code add_noise}.
   *
   * @param clean clean latents
   * @param noise standard Gaussian noise of the same shape
   * @param index into {@link #timesteps()}
   * @return the noisy latents
   */
  Tensor addNoise(Tensor clean, Tensor noise, int index);

  /**
   * Returns where a run starts that leaves out the first steps, with latents from {@link
   * #addNoise}. Default: at {@code skippedSteps}, for solvers that call the denoiser once a step.
   *
   * @param skippedSteps at least 1, less than the number of steps that were asked for
   * @return index into {@link #timesteps()} at which the first remaining step begins
   * @throws IllegalArgumentException if the solver cannot start there; the message names it
   */
  default int startIndex(int skippedSteps) {
    return skippedSteps;
  }

  /** Frees what the run remembers. */
  @Override
  void close();

  /**
   * Computes a tensor and frees every other native object that the computation made.
   *
   * <p>Without it, each intermediate tensor would live until the caller's scope ends, or for ever
   * where there is none. The result moves to the innermost scope that was open before, or, without
   * one, becomes the caller's to close.
   *
   * @param computation makes tensors, and returns one of them
   * @return what it returned
   */
  static Tensor scoped(Supplier<Tensor> computation) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(computation.get());
    }
  }
}
