package io.t2v;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a generation is.
 *
 * @param phase what is being done
 * @param done units of the phase that are finished: prompts, steps or frames
 * @param total units of the phase, at least 1
 * @param fraction of the whole generation, from 0 to 1, never falling; weighed by how much there is
 *     to compute, and finer than {@code done} in the denoising phase, which reports after each
 *     block of the network
 * @param preview the videos so far, after each denoising step, if {@linkplain Generation#previews
 *     previews} were asked for
 * @param timeLeft until the run ends, from what is done of it and from what earlier runs of the
 *     pipeline took; empty while too little is known
 */
public record Progress(
    Phase phase,
    int done,
    int total,
    double fraction,
    Optional<Preview> preview,
    Optional<Duration> timeLeft) {
  /**
   * Makes a report without a preview and a time left.
   *
   * @param phase what is being done
   * @param done units of the phase that are finished
   * @param total units of the phase
   * @param fraction of the whole generation
   */
  public Progress(Phase phase, int done, int total, double fraction) {
    this(phase, done, total, fraction, Optional.empty(), Optional.empty());
  }

  /** What a generation does, in this order. */
  public enum Phase {
    /** Prompts become embeddings. */
    ENCODE_TEXT,
    /** Frames or images become latents; only in generations that start from some. */
    ENCODE_IMAGE,
    /** The denoiser's weights are loaded, if they are not in memory yet, and the text is bound. */
    PREPARE_DENOISER,
    /** Noise becomes latents, step by step. */
    DENOISE,
    /** Latents become frames. */
    DECODE
  }
}
