package io.t2v;

/** How videos are shown while they are still being generated. */
public enum PreviewMode {
  /** Not at all. */
  NONE,
  /**
   * By a linear map from latents to colors that was fitted to the pipeline's decoder: one pixel for
   * each of the latents, at next to no cost. Fitting it decodes four small images, once in the life
   * of a pipeline.
   */
  COLOURS,
  /** By decoding all frames after each step: the real thing, at the price of the decoder. */
  DECODED
}
