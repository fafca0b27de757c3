package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Settings of FreeU: in the two innermost levels of the UNet's up path, amplifies what comes from
 * below and damps the low frequencies of the skip connections. Decoders of diffusion models lean on
 * skip connections too much; with more weight on the backbone, textures get cleaner and motion
 * steadier. It needs no training and costs less than a hundredth of a step.
 *
 * <p>Before each residual layer of an up block, the first half of the hidden state's channels is
 * multiplied by {@code b}, and the lowest frequencies of the skip connection, those of the indices
 * -1 and 0 in height and in width, by {@code s}. The result is that of diffusers' {@code
 * enable_freeu}. The authors' own code multiplies by a {@code b} of its own for each pixel.
 *
 * @param b1 factor of the backbone in the innermost up block, above 0; 1 changes nothing
 * @param b2 factor of the backbone in the up block after that, above 0
 * @param s1 factor of the skip connections in the innermost up block, above 0; 1 changes nothing
 * @param s2 factor of the skip connections in the up block after that, above 0
 * @see <a href="https://arxiv.org/abs/2309.11497">Si et al., FreeU: Free Lunch in Diffusion
 *     U-Net</a>
 */
public record FreeU(double b1, double b2, double s1, double s2) {
  private static final FreeU RECOMMENDED = new FreeU(1.2, 1.4, 0.9, 0.2);

  /**
   * Checks the factors.
   *
   * @throws IllegalArgumentException if one is not finite or not above 0. (The reference turns all
   *     of FreeU off, without a word, if one of them is 0.)
   */
  public FreeU {
    check("b1", b1);
    check("b2", b2);
    check("s1", s1);
    check("s2", s2);
  }

  private static void check(String name, double factor) {
    checkArgument(
        factor > 0 && Double.isFinite(factor),
        "%s of FreeU is %s, expected a number above 0; 1 changes nothing",
        name,
        factor);
  }

  /**
   * Returns the values that diffusers' documentation gives for ModelScope's text-to-video-ms-1.7b:
   * b1 1.2, b2 1.4, s1 0.9, s2 0.2.
   *
   * @return the settings
   */
  public static FreeU recommended() {
    return RECOMMENDED;
  }
}
