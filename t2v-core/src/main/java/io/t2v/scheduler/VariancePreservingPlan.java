package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** A run in which latents = √ᾱ · clean + √(1 − ᾱ) · noise, at trained timesteps. */
abstract class VariancePreservingPlan extends TensorPlan {
  private final int[] timesteps;
  private final NoiseSchedule schedule;

  VariancePreservingPlan(double[] timesteps, NoiseSchedule schedule) {
    super(timesteps);
    this.timesteps = new int[timesteps.length];
    for (int i = 0; i < timesteps.length; i++) {
      this.timesteps[i] = (int) timesteps[i];
    }
    this.schedule = schedule;
  }

  final int timestep(int index) {
    return timesteps[index];
  }

  final boolean isLast(int index) {
    return index == timesteps.length - 1;
  }

  /** The share of the clean sample's variance at a step. */
  final float alphaAt(int index) {
    return schedule.alphaCumprod(timesteps[index]);
  }

  @Override
  final LinearCombination noised(Tensor clean, Tensor noise, int index) {
    float alpha = alphaAt(index);
    return LinearCombination.of(sqrt(alpha), clean).plus(sqrt(1 - alpha), noise);
  }
}
