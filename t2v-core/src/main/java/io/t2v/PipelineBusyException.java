package io.t2v;

/**
 * A generation waited longer than the pipeline allows for others to end: nothing was computed. Ask
 * again later, or run fewer generations at once.
 *
 * @see PipelineBuilder#admissionTimeout
 */
public final class PipelineBusyException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  PipelineBusyException(String message) {
    super(message);
  }
}
