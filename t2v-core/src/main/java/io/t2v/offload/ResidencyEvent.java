package io.t2v.offload;

/**
 * Weights that came into memory, or left it.
 *
 * @param component whose weights
 * @param part the first of the layers that moved, as the checkpoint names it; "" for the whole
 *     network
 * @param direction where they went
 */
public record ResidencyEvent(Component component, String part, Direction direction) {
  /** Where weights go. */
  public enum Direction {
    /** From the file into memory. */
    IN,
    /** Out of memory. */
    OUT
  }
}
