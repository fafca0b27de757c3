package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The network from images to latents: the reference's Encoder and its quant_conv. */
final class Encoder {
  private final Conv2d convIn;
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final NormActivationConv2d out;
  private final @Nullable Conv2d quant;

  Encoder(VaeConfig config, Weights autoencoder) {
    long moments = 2L * config.latentChannels();
    long inner = config.innermostChannels();
    Weights weights = autoencoder.at("encoder");
    convIn =
        Conv2d.load(
            weights.at("conv_in"), config.inChannels(), config.blockOutChannels().get(0), 3, 1, 1);
    for (int i = 0; i < config.levels(); i++) {
      downBlocks.add(new DownBlock(config, weights.at("down_blocks", i), i));
    }
    midBlock = new MidBlock(config, weights.at("mid_block"));
    out =
        new NormActivationConv2d(
            config.norm(weights.at("conv_norm_out"), inner),
            Activation.SILU,
            Conv2d.load(weights.at("conv_out"), inner, moments, 3, 1, 1));
    quant =
        config.quantConv()
            ? Conv2d.load(autoencoder.at("quant_conv"), moments, moments, 1, 1, 0)
            : null;
  }

  /**
   * Images [n, 3, height, width] to means, then logarithms of variances, [n, 2 · latent channels,
   * height / f, width / f].
   */
  Tensor forward(Tensor images) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = convIn.forward(images);
      for (DownBlock block : downBlocks) {
        hidden = block.forward(hidden);
      }
      Tensor moments = out.forward(midBlock.forward(hidden));
      return scope.keep(quant == null ? moments : quant.forward(moments));
    }
  }
}
