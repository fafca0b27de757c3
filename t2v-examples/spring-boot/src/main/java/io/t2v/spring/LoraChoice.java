package io.t2v.spring;

/**
 * A LoRA that a generation takes, by the name that it has in {@code t2v.loras}.
 *
 * @param name in the properties
 * @param scale finite; multiplies the scales of the properties: 1 as configured, 0 not at all
 */
public record LoraChoice(String name, double scale) {
  /**
   * Checks the scale.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public LoraChoice {
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "the scale of the LoRA \"" + name + "\" is " + scale + ", expected a finite number");
    }
  }

  /**
   * Takes a LoRA as it is configured.
   *
   * @param name in the properties
   * @return the choice, at scale 1
   */
  public static LoraChoice of(String name) {
    return new LoraChoice(name, 1);
  }
}
