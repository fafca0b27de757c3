package io.t2v.device;

import com.google.common.base.Ascii;

/**
 * A faster way to compute on a CUDA device. All are off by default and experimental: they were
 * written and tested on CPUs, where their results are right, and have not run on a GPU yet. They
 * may change or be removed once they have.
 *
 * @see io.t2v.PipelineBuilder#gpuOptimizations
 */
public enum GpuOptimization {
  /**
   * Group norms that keep features in channels-last layout. libtorch's own one for CUDA copies them
   * to another layout, and the next convolution copies them back, at each of the UNet's 166 norms.
   */
  CHANNELS_LAST_GROUP_NORM,
  /**
   * Attention among up to 64 frames as two batched products with a softmax between them. Fused
   * kernels work on tiles of 64 or more tokens, most of which stay empty with 16 frames.
   */
  BATCHED_FRAME_ATTENTION,
  /**
   * Frames are decoded together, up to eight and as many as take no more memory than denoising
   * took. A generation is then cancelled, and tells its progress, between these groups.
   */
  BATCHED_DECODING,
  /**
   * CUDA graphs are kept for further generations of the same shape, which then replay their first
   * steps too: those of the two shapes used last. Between generations a kept graph holds as much
   * device memory as the features of a step take, and plans count it as taken, even for a
   * generation that replays it. For {@link io.t2v.PipelineBuilder#cudaGraphs(boolean)}, with
   * weights that stay on the device: other offload policies free what a graph reads.
   */
  KEPT_CUDA_GRAPHS;

  /** Such as {@code kept-cuda-graphs}. */
  @Override
  public String toString() {
    return Ascii.toLowerCase(name()).replace('_', '-');
  }
}
