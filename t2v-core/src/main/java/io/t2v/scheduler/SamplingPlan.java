package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * One run of a {@link Scheduler}: its timesteps, and whatever it remembers from step to step.
 *
 * <p>The pipeline asks the denoiser once for each entry of {@link #timesteps()}, in order, and
 * hands the answer to {@link #step}. A solver that evaluates the model twice in a step lists two
 * entries. Used by one thread at a time.
 *
 * <p>Tensors have the shape [batch × frames, channels, height, width], as in the reference, which
 * folds frames into the batch: what is computed per sample (a threshold's quantile) is computed per
 * frame. Results belong to the caller, who closes them; arguments are neither closed nor changed.
 */
public interface SamplingPlan extends AutoCloseable {
  /**
   * Returns the timesteps at which the denoiser is asked.
   *
   * @return a copy, in the order of the run: from noisy to clean. The reference's {@code timesteps}
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
   * @return what the denoiser is to see: a new handle, also where nothing changes
   */
  Tensor scaleModelInput(Tensor latents, int index);

  /**
   * Goes from the current timestep to the next. The reference's {@code step}.
   *
   * @param modelOutput what the denoiser said of the scaled latents, guidance applied
   * @param index into {@link #timesteps()}; each is asked for once, in order
   * @param latents the current latents, unscaled
   * @param noise where a stochastic solver draws its noise
   * @return the next latents
   */
  Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise);

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

  /** Frees what the run remembers. */
  @Override
  void close();
}
