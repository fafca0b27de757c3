package io.t2v.internal.pipeline;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The guidance scale as an input of the network. A model that was distilled with it predicts in one
 * call what guidance makes of two.
 *
 * <p>Sines, then cosines, of a thousand times the scale. The scale is the one of classifier-free
 * guidance, {@code negative + scale · (positive - negative)}, as T2V-Turbo takes it, the distilled
 * model of this family. The latent consistency models of diffusers' pipelines for images take one
 * less.
 *
 * @see <a href="https://arxiv.org/abs/2405.18750">T2V-Turbo</a>
 */
public final class GuidanceEmbedding {
  private static final double FACTOR = 1000;
  private static final float MAX_PERIOD = 10000;

  private GuidanceEmbedding() {}

  /**
   * Embeds a scale.
   *
   * @param width of the embedding, at least 4
   * @return [1, width], float32, in the host's memory, of the innermost open scope
   */
  public static Tensor of(double scale, int width) {
    long half = width / 2;
    float step = (float) Math.log(MAX_PERIOD) / (half - 1);
    try (TensorScope scope = TensorScope.open()) {
      // In float32 throughout, as the reference: the sines of such large numbers tell the
      // difference.
      Tensor angles =
          torch
              .arange(new Scalar((float) half))
              .mul_(new Scalar(-step))
              .exp_()
              .mul_(new Scalar((float) scale * (float) FACTOR));
      Tensor waves = torch.cat(new TensorVector(angles.sin(), angles.cos()), 0);
      Tensor padded = width % 2 == 0 ? waves : torch.constant_pad_nd(waves, 0, 1);
      return scope.keep(padded.view(1, width));
    }
  }
}
