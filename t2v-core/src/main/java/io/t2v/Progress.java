package io.t2v;

/**
 * How far a generation is.
 *
 * @param phase what is being done
 * @param done units of the phase that are finished: prompts, steps or frames
 * @param total units of the phase, at least 1
 * @param fraction of the whole generation, from 0 to 1, never falling; weighed by how much there is
 *     to compute, and finer than {@code done} in the denoising phase, which reports after each
 *     block of the network
 */
public record Progress(Phase phase, int done, int total, double fraction) {
  /** What a generation does, in this order. */
  public enum Phase {
    /** Prompts become embeddings. */
    ENCODE_TEXT,
    /** The denoiser's weights are loaded, if they are not in memory yet, and the text is bound. */
    PREPARE_DENOISER,
    /** Noise becomes latents, step by step. */
    DENOISE,
    /** Latents become frames. */
    DECODE
  }
}
