package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.nn.Activation;
import io.t2v.nn.Conv2d;
import io.t2v.nn.GroupNorm;
import io.t2v.torch.TensorScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The network: levels on the way in, a middle, levels on the way out, with skip connections across.
 * The reference's UNet3DConditionModel.
 *
 * @see <a href="https://arxiv.org/abs/2308.06571">ModelScope Text-to-Video Technical Report</a>
 */
final class Unet3d {
  private static final int TRANSFORMER_IN_HEADS = 8;

  private final Conv2d convIn;
  private final TimeEmbedding timeEmbedding;
  private final TemporalTransformer transformerIn;
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final GroupNorm normOut;
  private final Conv2d convOut;
  private final List<SpatialTransformer> textLayers = new ArrayList<>();

  Unet3d(UnetConfig config, Weights weights) {
    long outer = config.blockOutChannels().get(0);
    convIn = Conv2d.load(weights.at("conv_in"), config.inChannels(), outer, 3, 1, 1);
    timeEmbedding = new TimeEmbedding(config, weights.at("time_embedding"));
    transformerIn =
        new TemporalTransformer(
            config,
            weights.at("transformer_in"),
            outer,
            TRANSFORMER_IN_HEADS,
            config.headDims().get(0));
    for (int i = 0; i < config.levels(); i++) {
      downBlocks.add(new DownBlock(config, weights.at("down_blocks", i), i, textLayers));
    }
    midBlock = new MidBlock(config, weights.at("mid_block"), textLayers);
    for (int i = 0; i < config.levels(); i++) {
      upBlocks.add(new UpBlock(config, weights.at("up_blocks", i), i, textLayers));
    }
    normOut =
        GroupNorm.load(
            weights.at("conv_norm_out"), outer, config.normGroups(), config.normEpsilon());
    convOut = Conv2d.load(weights.at("conv_out"), outer, config.outChannels(), 3, 1, 1);
  }

  /**
   * Projects the text for every layer that attends to it.
   *
   * @param text [clips, tokens, width]
   * @return for each layer [clips, tokens, 2 · inner width], of the innermost open scope
   */
  List<Tensor> projectText(Tensor text) {
    List<Tensor> projected = new ArrayList<>();
    for (SpatialTransformer layer : textLayers) {
      projected.add(layer.projectText(text));
    }
    return projected;
  }

  /**
   * Computes the network, clip by clip: the weights of a layer are read from memory once more for
   * each, but the features of one clip stay in the processor's caches, which saves more.
   *
   * @param latents [clips', channels, frames, height, width], clips' a fraction of the text's
   * @param text what {@link #projectText} returned
   * @param condition [clips, time_cond_proj_dim], or null
   * @return [clips, out channels, frames, height, width]
   */
  Tensor forward(
      Tensor latents,
      double timestep,
      List<Tensor> text,
      @Nullable Tensor condition,
      BlockListener listener) {
    try (TensorScope scope = TensorScope.open()) {
      int clips = Math.toIntExact(text.get(0).size(0));
      int different = Math.toIntExact(latents.size(0));
      Progress progress = new Progress(listener, different + clips * layers());
      Tensor time = timeEmbedding.forward(timestep, condition);
      Tensor[] predictions = new Tensor[clips];
      for (int i = 0; i < different; i++) {
        // Clips with the same latents, such as the halves of guidance, share what sees no text.
        try (TensorScope shared = TensorScope.open()) {
          Pass own = new Pass(Math.toIntExact(latents.size(2)), List.of(), time);
          Tensor mixed = mixFrames(latents.narrow(0, i, 1), own);
          progress.layerDone();
          for (int clip = i; clip < clips; clip += different) {
            Pass pass = new Pass(own.frames(), entry(text, clip), timeOf(time, clip));
            predictions[clip] = shared.keep(predict(mixed, pass, progress));
          }
        }
      }
      return scope.keep(torch.cat(new TensorVector(predictions), 0));
    }
  }

  private Tensor mixFrames(Tensor latents, Pass pass) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(transformerIn.forward(convIn.forward(Layouts.foldFrames(latents)), pass));
    }
  }

  private static List<Tensor> entry(List<Tensor> batches, int index) {
    return batches.stream().map(batch -> batch.narrow(0, index, 1)).toList();
  }

  /** Without a condition, one embedding serves all clips. */
  private static Tensor timeOf(Tensor time, int clip) {
    return time.size(0) == 1 ? time : time.narrow(0, clip, 1);
  }

  /** From the mixed frames to the prediction, [clips, out channels, frames, height, width]. */
  private Tensor predict(Tensor mixed, Pass pass, Progress progress) {
    try (TensorScope scope = TensorScope.open()) {
      // A handle of its own: the way out closes what it has used, and the next clip needs these.
      Tensor hidden = mixed.view_as(mixed);
      List<Tensor> outputs = new ArrayList<>(List.of(hidden));
      for (DownBlock block : downBlocks) {
        hidden = block.forward(hidden, pass, outputs, progress::layerDone);
      }
      Tensor middle = midBlock.forward(hidden, pass);
      progress.layerDone();
      Deque<Tensor> skips = new ArrayDeque<>(outputs);
      for (UpBlock block : upBlocks) {
        middle = block.forward(middle, pass, skips, progress::layerDone);
      }
      Tensor normed = Activation.SILU.applyInPlace(normOut.forward(middle));
      Tensor out = Layouts.unfoldFrames(convOut.forward(normed), pass.frames());
      progress.layerDone();
      return scope.keep(out);
    }
  }

  /** Layers of one clip, the middle and the output among them. */
  private int layers() {
    int count = 2;
    for (DownBlock block : downBlocks) {
      count += block.layers();
    }
    for (UpBlock block : upBlocks) {
      count += block.layers();
    }
    return count;
  }

  private static final class Progress {
    private final BlockListener listener;
    private final int total;
    private int done;

    Progress(BlockListener listener, int total) {
      this.listener = listener;
      this.total = total;
    }

    void layerDone() {
      listener.onBlock(++done, total);
    }
  }
}
