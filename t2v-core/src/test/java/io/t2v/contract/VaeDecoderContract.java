package io.t2v.contract;

import io.t2v.vae.VaeDecoder;
import org.bytedeco.pytorch.Tensor;

/**
 * What the pipeline relies on, checked for any decoder, which stays the caller's to close:
 *
 * <pre>{@code
 * VaeDecoderContract.of(decoder).check();
 * }</pre>
 *
 * <p>Images are new tensors of the right shape and dtype; each depends on its latents alone, which
 * stay as they are; calls, threads and images of a batch do not disturb each other, and neither
 * does holding the weights; no native object is left behind. Immutable.
 */
public final class VaeDecoderContract extends TensorContract {
  private static final int HEIGHT = 4;
  private static final int WIDTH = 6;

  private final VaeDecoder decoder;

  private VaeDecoderContract(VaeDecoder decoder) {
    super(decoder.getClass().getName(), "images");
    this.decoder = decoder;
  }

  /**
   * Takes a decoder.
   *
   * @param decoder to be checked, on latents of 4 × 6
   * @return the contract
   */
  public static VaeDecoderContract of(VaeDecoder decoder) {
    return new VaeDecoderContract(decoder);
  }

  @Override
  public void check() {
    require(requireConstant("latentChannels", decoder::latentChannels) >= 1, "has no channel");
    require(requireConstant("scaleFactor", decoder::scaleFactor) >= 1, "shrinks latents");
    checkRuns();
    holdingChangesNothing(() -> requireResult("hold", decoder.hold())::close);
  }

  @Override
  int calls() {
    return 2;
  }

  @Override
  Run start(Arguments arguments) {
    long factor = decoder.scaleFactor();
    return index -> {
      Tensor latents = arguments.gaussian(1, decoder.latentChannels(), HEIGHT, WIDTH);
      return checked(
          "decode",
          decoder.decode(latents),
          arguments.ofAll(1, 3, HEIGHT * factor, WIDTH * factor),
          latents);
    };
  }
}
