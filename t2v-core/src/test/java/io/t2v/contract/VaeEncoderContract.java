package io.t2v.contract;

import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What the pipeline relies on, checked for any encoder, which stays the caller's to close:
 *
 * <pre>{@code
 * VaeEncoderContract.of(encoder, 4, 8).check();
 * }</pre>
 *
 * <p>Mean and logarithm of the variance are new tensors of the right shape and dtype, the latter
 * within [-30, 20]; each depends on its image alone, which stays as it is; calls, threads and
 * images of a batch do not disturb each other, and neither does holding the weights; no native
 * object is left behind. Immutable.
 */
public final class VaeEncoderContract extends TensorContract {
  private static final int HEIGHT = 4;
  private static final int WIDTH = 6;
  private static final int LEAST_LOGVAR = -30;
  private static final int MOST_LOGVAR = 20;

  private final VaeEncoder encoder;
  private final long latentChannels;
  private final long scaleFactor;

  private VaeEncoderContract(VaeEncoder encoder, long latentChannels, long scaleFactor) {
    super(encoder.getClass().getName(), "images");
    this.encoder = encoder;
    this.latentChannels = latentChannels;
    this.scaleFactor = scaleFactor;
  }

  /**
   * Takes an encoder.
   *
   * @param encoder to be checked, on images whose latents are 4 × 6
   * @param latentChannels of the decoder that it belongs to
   * @param scaleFactor of that decoder
   * @return the contract
   */
  public static VaeEncoderContract of(VaeEncoder encoder, int latentChannels, int scaleFactor) {
    return new VaeEncoderContract(encoder, latentChannels, scaleFactor);
  }

  @Override
  public void check() {
    double factor = requireConstant("scalingFactor", encoder::scalingFactor);
    require(factor != 0 && Double.isFinite(factor), "has the scalingFactor %s", factor);
    checkRuns();
    for (float[] meanAndLogvar : run(7)) {
      IntStream.range(meanAndLogvar.length / 2, meanAndLogvar.length)
          .mapToDouble(i -> meanAndLogvar[i])
          .forEach(
              logvar ->
                  require(
                      logvar >= LEAST_LOGVAR && logvar <= MOST_LOGVAR,
                      "returns the logvar %s, expected %s to %s",
                      logvar,
                      LEAST_LOGVAR,
                      MOST_LOGVAR));
    }
    holdingChangesNothing(() -> requireResult("hold", encoder.hold())::close);
  }

  @Override
  int calls() {
    return 2;
  }

  @Override
  Run start(Arguments arguments) {
    return index -> {
      Tensor images =
          arguments.given(
              arguments.gaussian(1, 3, HEIGHT * scaleFactor, WIDTH * scaleFactor).tanh());
      LatentDistribution latents = requireResult("encode", encoder.encode(images));
      long[] shape = arguments.ofAll(1, latentChannels, HEIGHT, WIDTH);
      return torch.cat(
          new TensorVector(
              checked("encode().mean", latents.mean(), shape, images),
              checked("encode().logvar", latents.logvar(), shape, images)),
          1);
    };
  }
}
