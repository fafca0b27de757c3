package io.t2v;

/** Which latents of the encoder's distribution stand for an image. */
public enum Posterior {
  /** Drawn from the distribution with the video's own random numbers, as the reference does. */
  SAMPLED,
  /** The mean of the distribution, which draws no random numbers. */
  MEAN
}
