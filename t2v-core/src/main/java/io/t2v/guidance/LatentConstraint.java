package io.t2v.guidance;

import java.util.Map;

/**
 * Changes the latents between the steps of a run: for example, holds some frames, or a part of each
 * frame, at what they should show. Implement it to plug in your own.
 *
 * <p>A constraint is configuration only: immutable, free of native memory, safe for use by many
 * threads. What a run needs to remember from step to step lives in the {@link LatentConstraintRun}
 * that it starts for that run.
 */
public interface LatentConstraint {
  /**
   * Returns the name under which the record of a generation lists this constraint.
   *
   * @return a non-blank name
   */
  String name();

  /**
   * Returns the settings, for the record of a generation.
   *
   * @return name to value: strings, booleans, numbers, or lists of them
   */
  Map<String, Object> config();

  /**
   * Starts one run. Cheap, and without side effects on this object.
   *
   * @return the state of this run, which the caller closes
   */
  LatentConstraintRun newRun();
}
