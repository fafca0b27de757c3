package io.t2v.internal.unet3d;

import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Prefetcher;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.nn.LayerEvent;
import io.t2v.internal.nn.LayerKind;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import io.t2v.unet.BlockListener;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.UnetAdjustments;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The network: a down path, a middle block and an up path with skip connections between them. The
 * reference's UNet3DConditionModel.
 *
 * <p>With a {@link FeatureCache}, features at a {@link NetworkCut} are kept for the next steps, or
 * stand in for the blocks between.
 *
 * <p>It is a list of {@link Block}s. While all of their weights are resident, each micro-batch goes
 * through all blocks before the next one starts. On a CPU a micro-batch is one sample: the weights
 * are read from memory once for each sample, but features stay in the caches, which saves more.
 * Where blocks are offloaded, all micro-batches go through a block before it is freed.
 *
 * @see <a href="https://arxiv.org/abs/2308.06571">ModelScope Text-to-Video Technical Report</a>
 */
final class Unet3d {
  private final UnetConfig config;
  private final ComputeConfig compute;
  private final boolean blocksOffloaded;
  private final TimeEmbedding timeEmbedding;
  private final ManagedModule<InputBlock> inputBlock;
  private final List<ManagedModule<Block>> blocks;
  private final List<ManagedModule<Linear>> textProjections;

  Unet3d(UnetConfig config, Weights weights, Submodules submodules) {
    this.config = config;
    compute = weights.compute();
    blocksOffloaded = submodules.offloaded();
    timeEmbedding = new TimeEmbedding(config, weights.at("time_embedding"));
    inputBlock = submodules.part("conv_in", weights, own -> new InputBlock(config, own));
    UnetBuilder builder = new UnetBuilder(submodules);
    for (int level = 0; level < config.levels(); level++) {
      DownLevel.addTo(builder, config, weights.at("down_blocks", level), level);
    }
    MidBlock.addTo(builder, config, weights.at("mid_block"));
    for (int i = 0; i < config.levels(); i++) {
      UpLevel.addTo(builder, config, weights.at("up_blocks", i), config.levels() - 1 - i);
    }
    builder.addBlock("conv_norm_out", weights, own -> OutputBlock.load(config, own));
    blocks = builder.blocks();
    textProjections = builder.textProjections();
  }

  /** Returns whether all blocks stay resident between steps. */
  boolean blocksStayResident() {
    return !blocksOffloaded;
  }

  /**
   * Projects the text for every layer that attends to it.
   *
   * @param text [samples, tokens, width], or [samples, frames, tokens, width]
   * @return for each layer the same with 2 · inner width, of the innermost open scope
   */
  List<Tensor> projectText(Tensor text) {
    List<Tensor> projected = new ArrayList<>();
    try (Prefetcher prefetcher = new Prefetcher()) {
      prefetcher.inTurn(textProjections, projection -> projected.add(projection.forward(text)));
    }
    return projected;
  }

  /**
   * Embeds a timestep.
   *
   * @param timestepCondition [1 or samples, time_cond_proj_dim], or null
   * @return [1 or samples, time embedding width], of the innermost open scope
   */
  Tensor embedTime(double timestep, @Nullable Tensor timestepCondition) {
    return timeEmbedding.forward(timestep, timestepCondition);
  }

  /**
   * Computes the network. The samples of one video, such as the halves of guidance, share what sees
   * no text.
   *
   * @param latents [videos, channels, frames, height, width]; samples are a multiple of videos
   * @param time result of {@link #embedTime}
   * @param text result of {@link #projectText}
   * @param microBatch how many samples to compute as one batch, at least 1
   * @param cache of deep features, one for each micro-batch; null for none
   * @return [samples, out channels, frames, height, width], float32
   */
  Tensor forward(
      Tensor latents,
      Tensor time,
      List<Tensor> text,
      int microBatch,
      UnetAdjustments adjustments,
      @Nullable FeatureCache cache,
      BlockListener listener) {
    int videos = Math.toIntExact(latents.size(0));
    int samples = Math.toIntExact(text.get(0).size(0));
    MicroBatches microBatches = new MicroBatches(videos, samples, microBatch, blocksOffloaded);
    Path path = path(cache);
    BlockCounter counter =
        new BlockCounter(listener, videos + microBatches.count() * path.blocks().size());
    try (TensorScope scope = TensorScope.open();
        Prefetcher prefetcher = new Prefetcher()) {
      ForwardContext context =
          new ForwardContext(Math.toIntExact(latents.size(2)), text, time, adjustments);
      Tensor input = compute.toCompute(latents);
      Tensor[] predictions = new Tensor[samples];
      for (MicroBatches.Group group : microBatches.groups()) {
        try (TensorScope groupScope = TensorScope.open()) {
          Tensor groupInput = input.narrow(0, group.firstVideo(), group.videos());
          List<Tensor> shared = forwardInput(groupInput, context, prefetcher, counter);
          List<Features> features = new ArrayList<>();
          for (List<Integer> microBatchSamples : group.microBatches()) {
            List<Tensor> own =
                microBatchSamples.stream()
                    .map(sample -> shared.get(sample % videos - group.firstVideo()))
                    .toList();
            features.add(
                new Features(
                    join(own),
                    context.of(microBatchSamples),
                    cache == null ? null : cache.part(microBatchSamples.get(0))));
          }
          forwardBlocks(features, path, prefetcher, counter);
          for (int i = 0; i < features.size(); i++) {
            Tensor predicted = ComputeConfig.toFloat32(features.get(i).hidden());
            List<Integer> microBatchSamples = group.microBatches().get(i);
            for (int j = 0; j < microBatchSamples.size(); j++) {
              predictions[microBatchSamples.get(j)] = groupScope.keep(predicted.narrow(0, j, 1));
            }
          }
        }
      }
      return scope.keep(torch.cat(new TensorVector(predictions), 0));
    }
  }

  private List<Tensor> forwardInput(
      Tensor latents, ForwardContext context, Prefetcher prefetcher, BlockCounter counter) {
    return prefetcher.use(
        inputBlock,
        blocks.get(0),
        block -> {
          List<Tensor> features = new ArrayList<>();
          for (long video = 0; video < latents.size(0); video++) {
            try (LayerEvent event = LayerEvent.begin(LayerKind.SUMS_AND_COPIES)) {
              features.add(block.forward(latents.narrow(0, video, 1), context));
            }
            counter.blockDone();
          }
          return features;
        });
  }

  /** One tensor of several; never one of them, since blocks free what they are given. */
  private static Tensor join(List<Tensor> features) {
    Tensor first = features.get(0);
    return features.size() == 1
        ? first.view_as(first)
        : torch.cat(new TensorVector(features.toArray(Tensor[]::new)), 0);
  }

  private void forwardBlocks(
      List<Features> microBatches, Path path, Prefetcher prefetcher, BlockCounter counter) {
    List<List<Features>> rounds =
        blocksOffloaded ? List.of(microBatches) : microBatches.stream().map(List::of).toList();
    for (List<Features> round : rounds) {
      prefetcher.inTurn(
          path.blocks(),
          (index, block) -> {
            for (Features features : round) {
              if (index == path.cut()) {
                features.crossCut(path.reuses());
              }
              long bytes = features.hidden().nbytes();
              try (LayerEvent event = LayerEvent.begin(LayerKind.SUMS_AND_COPIES)) {
                block.forward(features);
              }
              HeapGaps.trimIfGrown(bytes, features.hidden());
              counter.blockDone();
            }
          });
    }
  }

  private Path path(@Nullable FeatureCache cache) {
    if (cache == null) {
      return new Path(blocks, -1, false);
    }
    NetworkCut cut = NetworkCut.at(config, cache.depth());
    if (cache.isEmpty()) {
      return new Path(blocks, cut.up(), false);
    }
    List<ManagedModule<Block>> outer = new ArrayList<>(blocks.subList(0, cut.down()));
    outer.addAll(blocks.subList(cut.up(), blocks.size()));
    return new Path(outer, cut.down(), true);
  }

  /**
   * The blocks that a prediction computes.
   *
   * @param cut index of the first block behind the cut, -1 for none
   * @param reuses whether features at the cut come from the cache, rather than go there
   */
  private record Path(List<ManagedModule<Block>> blocks, int cut, boolean reuses) {}
}
