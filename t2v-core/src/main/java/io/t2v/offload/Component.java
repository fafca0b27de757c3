package io.t2v.offload;

/** A network of the pipeline, in the order of their use. */
public enum Component {
  /** Runs once for a prompt. */
  TEXT_ENCODER,
  /**
   * Runs once for each frame or image that a generation starts from, and in no other generation.
   */
  VAE_ENCODER,
  /** Runs in every step, and holds most of the parameters. */
  DENOISER,
  /** Runs once for a frame, after the last step. */
  VAE_DECODER
}
