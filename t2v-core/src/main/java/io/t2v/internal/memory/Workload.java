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
 * @param textTokensPerFrame tokens of each frame's own text; 0 where all frames share one, whose
 *     projections take too little to count
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
    int textTokensPerFrame,
    Optional<CachedFeatures> cached,
    int decodeBatch) {
  /**
   * Features that steps reuse.
   *
   * @param depth at which the network is cut
   * @param windows of which each has its own features, at least 1
   */
  public record CachedFeatures(int depth, int windows) {}

  /** A workload that encodes no images, and whose frames share one text. */
  public Workload(int videos, boolean guided, int frames, int height, int width, int microBatch) {
    this(videos, guided, frames, height, width, microBatch, false, 0, Optional.empty(), 1);
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
        textTokensPerFrame,
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
        videos,
        guided,
        frames,
        height,
        width,
        count,
        encodesImages,
        textTokensPerFrame,
        cached,
        decodeBatch);
  }

  /**
   * Returns the same with another number of frames that are decoded together.
   *
   * @param count at least 1
   * @return the other workload
   */
  public Workload withDecodeBatch(int count) {
    return new Workload(
        videos,
        guided,
        frames,
        height,
        width,
        microBatch,
        encodesImages,
        textTokensPerFrame,
        cached,
        count);
  }

  /**
   * Returns the same for one video.
   *
   * @return the other workload
   */
  public Workload ofOneVideo() {
    return new Workload(
        1,
        guided,
        frames,
        height,
        width,
        microBatch,
        encodesImages,
        textTokensPerFrame,
        cached,
        decodeBatch);
  }
}
