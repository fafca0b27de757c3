package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;

/**
 * What one generation changes in the computation of the UNet, whose weights stay as they are.
 *
 * <p>A strength is how far a layer goes from its input {@code x} to its result {@code f(x)}: it
 * computes {@code x + strength * (f(x) - x)}. At 1 it is the model's own layer, at 0 the layer is
 * skipped, which saves its time; between them motion becomes calmer, beyond 1 it is exaggerated.
 *
 * @param freeU to amplify the backbone; empty for the model's own up path
 * @param temporalAttentionStrength of the layers that attend from frame to frame, at least 0
 * @param temporalConvStrength of the convolutions along frames, at least 0. They alone know the
 *     order of frames
 */
public record UnetAdjustments(
    Optional<FreeU> freeU, double temporalAttentionStrength, double temporalConvStrength) {
  private static final UnetAdjustments NONE = new UnetAdjustments(Optional.empty(), 1, 1);

  /**
   * Checks the strengths.
   *
   * @throws IllegalArgumentException if one is not finite or below 0
   */
  public UnetAdjustments {
    checkStrength("temporalAttentionStrength", temporalAttentionStrength);
    checkStrength("temporalConvStrength", temporalConvStrength);
  }

  /**
   * Checks a strength.
   *
   * @param name what it is, for the message
   * @param strength finite, at least 0
   * @throws IllegalArgumentException if it is out of range
   */
  public static void checkStrength(String name, double strength) {
    checkArgument(
        strength >= 0 && Double.isFinite(strength),
        "%s is %s, expected a number of at least 0; 1 is the model itself",
        name,
        strength);
  }

  /**
   * Returns the adjustments that change nothing.
   *
   * @return the model as it is
   */
  public static UnetAdjustments none() {
    return NONE;
  }

  /**
   * Returns whether nothing changes.
   *
   * @return true if this is {@link #none}
   */
  public boolean isNone() {
    return equals(NONE);
  }
}
