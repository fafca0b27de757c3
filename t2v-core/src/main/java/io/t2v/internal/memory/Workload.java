package io.t2v.internal.memory;

import java.util.Optional;

/**
 * What one generation computes.
 *
 * @param videos computed together, at least 1
 * @param guided whether each video takes two clips, one of them for the negative prompt
 * @param frames of each video
 * @param height of the latents
 * @param width of the latents
 * @param microBatch how many clips the denoiser computes as one batch, at least 1
 * @param encodesImages whether frames or images are encoded before the first step
 * @param texts that the denoiser keeps projected from step to step
 * @param cached deep features that are kept from step to step
 * @param decodeBatch how many frames are decoded as one batch, at least 1
 */
public record Workload(
    int videos,
    boolean guided,
    int frames,
    int height,
    int width,
    int microBatch,
    boolean encodesImages,
    Texts texts,
    Optional<CachedFeatures> cached,
    int decodeBatch) {
  /**
   * Texts whose keys and values are there at the same time.
   *
   * @param tokens of each text
   * @param atOnce several where steps read different texts in turns
   * @param ofEachFrame whether each frame has its own
   * @param promptsApart whether guidance pauses, so that the prompts are there once more, without
   *     the negative ones
   */
  public record Texts(int tokens, int atOnce, boolean ofEachFrame, boolean promptsApart) {
    /** One text for all steps and frames, of the text encoder's length: too little to count. */
    public static final Texts ONE = new Texts(0, 1, false, false);
  }

  /**
   * Features that steps reuse.
   *
   * @param depth at which the network is cut
   * @param windows of which each has its own features, at least 1
   */
  public record CachedFeatures(int depth, int windows) {}

  /** A workload that encodes no images, and whose frames share one text. */
  public Workload(int videos, boolean guided, int frames, int height, int width, int microBatch) {
    this(videos, guided, frames, height, width, microBatch, false, Texts.ONE, Optional.empty(), 1);
  }

  /**
   * Returns how many clips the denoiser computes in a step.
   *
   * @return twice the videos with guidance
   */
  public int clips() {
    return guided ? 2 * videos : videos;
  }

  /**
   * Returns the same with another number of frames.
   *
   * @param count of each video
   * @return the other workload
   */
  public Workload withFrames(int count) {
    return new Workload(
        videos,
        guided,
        count,
        height,
        width,
        microBatch,
        encodesImages,
        texts,
        cached,
        decodeBatch);
  }

  /**
   * Returns the same with another number of clips in a batch.
   *
   * @param count at least 1
   * @return the other workload
   */
  public Workload withMicroBatch(int count) {
    return new Workload(
        videos, guided, frames, height, width, count, encodesImages, texts, cached, decodeBatch);
  }

  /**
   * Returns the same with another number of frames that are decoded together.
   *
   * @param count at least 1
   * @return the other workload
   */
  public Workload withDecodeBatch(int count) {
    return new Workload(
        videos, guided, frames, height, width, microBatch, encodesImages, texts, cached, count);
  }

  /**
   * Returns the same for one video.
   *
   * @return the other workload
   */
  public Workload ofOneVideo() {
    return new Workload(
        1, guided, frames, height, width, microBatch, encodesImages, texts, cached, decodeBatch);
  }
}
