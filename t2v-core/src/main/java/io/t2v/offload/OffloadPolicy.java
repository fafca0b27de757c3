package io.t2v.offload;

/**
 * Decides when the weights of each network are in memory. Frames do not depend on it: with every
 * policy the same kernels compute on the same weights.
 *
 * <p>Implementations are safe for use by many threads. The simplest is a lambda over {@link
 * #residency}:
 *
 * <pre>{@code
 * OffloadPolicy policy = component ->
 *     component == Component.DENOISER ? Residency.KEPT : Residency.WHILE_USED;
 * }</pre>
 */
@FunctionalInterface
public interface OffloadPolicy {
  /**
   * Returns how long a network's weights stay in memory.
   *
   * @param component the network
   * @return always the same for the same network
   */
  Residency residency(Component component);

  /**
   * Told when weights have come into memory or left it. Called in the middle of the move, so that
   * it should return soon; what it throws on the way in ends the generation, and the weights go
   * again. Default: nothing.
   *
   * @param event what was loaded or released
   */
  default void onResidencyChange(ResidencyEvent event) {}

  /**
   * The denoiser and the decoder stay once they are loaded. The text encoder, which runs once for a
   * prompt, goes after its use. The default.
   *
   * @return the fastest policy
   */
  static OffloadPolicy none() {
    return BuiltInPolicy.NONE;
  }

  /**
   * One network at a time: text encoder, denoiser, decoder. Nothing stays between generations, each
   * of which loads all weights once.
   *
   * @return the policy that holds no more than the largest network
   */
  static OffloadPolicy component() {
    return BuiltInPolicy.COMPONENT;
  }

  /**
   * Layers flow through the device: while one computes, the next one is copied. All weights of text
   * encoder and denoiser are stored in host memory, pinned and in the dtype of the precision, from
   * their first use until the pipeline is closed; the decoder, which is small, comes as a whole. No
   * more than two consecutive layers are on the device for each generation that runs.
   *
   * <p>Pinned memory cannot be swapped out, and libtorch keeps it for later use when the pipeline
   * is closed.
   *
   * @return the policy for GPUs that are smaller than the model; a pipeline on a device that
   *     computes in the host's memory refuses it
   */
  static OffloadPolicy streaming() {
    return BuiltInPolicy.STREAMING;
  }

  /**
   * One layer at a time, read from the files and released after its use; the decoder, which is
   * small, as a whole. All clips of a batch, and both halves of guidance, go through a layer while
   * it is there.
   *
   * @return the policy for models that do not fit into memory
   */
  static OffloadPolicy disk() {
    return BuiltInPolicy.DISK;
  }

  /**
   * The fastest of {@link #none}, {@link #component}, on CUDA {@link #streaming}, and {@link #disk}
   * that fits into the memory that is free when the pipeline is built, for 16 frames of the
   * checkpoint's own size with guidance. {@link MemoryPlan#policy} says which it was, and why.
   *
   * @return a policy for the pipeline's builder alone: it is asked nothing before the builder has
   *     chosen
   */
  static OffloadPolicy auto() {
    return AutoPolicy.INSTANCE;
  }
}
