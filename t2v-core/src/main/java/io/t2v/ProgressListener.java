package io.t2v;

/**
 * Told how far a generation is, on the thread that generates. A listener that is given to several
 * generations at once has to be thread-safe. An exception that it throws ends the generation.
 */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Takes note of progress. Called at the start and the end of each phase, after each unit, and
   * after each block of the denoiser.
   *
   * @param progress how far the generation is
   */
  void onProgress(Progress progress);
}
