package io.t2v.guidance;

import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of a {@link LatentConstraint}, with whatever it remembers from step to step. Used by one
 * thread at a time.
 *
 * <p>Latents have the shape [videos × frames, channels, height, width], as for {@link
 * SamplingPlan}. A batch holds several videos, each of which must come out as it does alone.
 */
@FunctionalInterface
public interface LatentConstraintRun extends AutoCloseable {
  /**
   * Changes the latents. Called before the first step and after each step.
   *
   * @param latents to be neither closed nor changed
   * @param index into the timesteps of the plan: the timestep whose noise the latents hold, and at
   *     which the denoiser will see them; the number of timesteps after the last step, when they
   *     are clean
   * @param plan of the run; {@link SamplingPlan#addNoise} brings clean latents to the timestep
   * @param noise from which fresh noise is drawn
   * @return of the same shape, dtype and device: the latents themselves where nothing changes, or a
   *     new tensor, which belongs to the innermost open {@link org.bytedeco.javacpp.PointerScope}
   *     of the thread, or, where none is open, to the caller
   */
  Tensor constrain(Tensor latents, int index, SamplingPlan plan, Noise noise);

  /** Frees what the run remembers; by default nothing. */
  @Override
  default void close() {}
}
