package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.LayerEvent;
import io.t2v.internal.nn.LayerKind;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The network from latents to images: the reference's Decoder and its post_quant_conv. */
final class Decoder {
  private final @Nullable Conv2d postQuant;
  private final Conv2d convIn;
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final NormActivationConv2d out;

  Decoder(VaeConfig config, Weights autoencoder) {
    long latents = config.latentChannels();
    long outer = config.blockOutChannels().get(0);
    postQuant =
        config.postQuantConv()
            ? Conv2d.load(autoencoder.at("post_quant_conv"), latents, latents, 1, 1, 0)
            : null;
    Weights weights = autoencoder.at("decoder");
    convIn = Conv2d.load(weights.at("conv_in"), latents, config.innermostChannels(), 3, 1, 1);
    midBlock = new MidBlock(config, weights.at("mid_block"));
    for (int i = 0; i < config.levels(); i++) {
      upBlocks.add(new UpBlock(config, weights.at("up_blocks", i), i));
    }
    out =
        new NormActivationConv2d(
            config.norm(weights.at("conv_norm_out"), outer),
            Activation.SILU,
            Conv2d.load(weights.at("conv_out"), outer, config.outChannels(), 3, 1, 1));
  }

  /** Unscaled latents [n, latent channels, height, width] to images. */
  Tensor forward(Tensor latents) {
    try (LayerEvent event = LayerEvent.begin(LayerKind.SUMS_AND_COPIES);
        TensorScope scope = TensorScope.open()) {
      Tensor hidden = convIn.forward(postQuant == null ? latents : postQuant.forward(latents));
      Tensor next = midBlock.forward(hidden);
      hidden.close();
      for (UpBlock block : upBlocks) {
        next = block.forward(next);
      }
      return scope.keep(out.forwardFreeing(next));
    }
  }
}
