package io.t2v;

/**
 * A {@link ContentFilter} refused a prompt, before anything was computed, or a frame, before it
 * left the pipeline. The pipeline can be used further.
 */
public final class ContentRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Refuses.
   *
   * @param reason for whoever sent the request
   */
  public ContentRefusedException(String reason) {
    super(reason);
  }
}
