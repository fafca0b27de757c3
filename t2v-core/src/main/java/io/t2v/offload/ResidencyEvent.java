package io.t2v.offload;

/**
 * Weights that were loaded into memory, or released.
 *
 * @param component whose weights
 * @param part the first of the layers that moved, as the checkpoint names it; "" for the whole
 *     network
 * @param direction whether they were loaded or released
 */
public record ResidencyEvent(Component component, String part, Direction direction) {
  /** What happened to the weights. */
  public enum Direction {
    /** Read from the file, or copied to the device. */
    LOADED,
    /** Freed. */
    RELEASED
  }
}
