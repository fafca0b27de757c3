package io.t2v;

/**
 * A network or a solver produced NaN or infinity, which would end as black frames. The message
 * names the part, the step and what helps: another precision, or an undamaged file.
 *
 * @see PipelineBuilder#checkFinite
 */
public final class NonFiniteValueException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NonFiniteValueException(String message) {
    super(message);
  }
}
