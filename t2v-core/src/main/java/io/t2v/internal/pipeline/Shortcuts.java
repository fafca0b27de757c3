package io.t2v.internal.pipeline;

/**
 * What a run leaves out.
 *
 * @param cacheInterval every how many steps deep features are computed; 1 for in every step
 * @param cacheDepth where the network is cut, if they are not
 * @param guidanceAgreement cosine similarity from which on there is no guidance; 1 for never
 */
public record Shortcuts(int cacheInterval, int cacheDepth, double guidanceAgreement) {
  /** Leaves nothing out. */
  public static Shortcuts none() {
    return new Shortcuts(1, 0, 1);
  }

  boolean cachesSteps() {
    return cacheInterval > 1;
  }

  /** Whether a step computes the deep features, if the one before did not compute another half. */
  public boolean isWhole(int step) {
    return step % cacheInterval == 0;
  }

  boolean endsGuidance() {
    return guidanceAgreement < 1;
  }
}
