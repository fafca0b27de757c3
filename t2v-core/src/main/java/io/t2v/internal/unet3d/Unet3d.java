package io.t2v.internal.unet3d;

import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Prefetcher;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.internal.weights.Weights;
import io.t2v.unet.BlockListener;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The network: levels on the way in, a middle, levels on the way out, with skip connections across.
 * The reference's UNet3DConditionModel.
 *
 * <p>It is a row of {@link Block}s. Where all weights are there, clips go through all stages before
 * the next clips do. On a processor that is one clip at a time: the weights are read from memory
 * once more for each clip, but its features stay in the caches, which saves more. Where the weights
 * of a stage come and go, all clips go through it while they are there.
 *
 * @see <a href="https://arxiv.org/abs/2308.06571">ModelScope Text-to-Video Technical Report</a>
 */
final class Unet3d {
  private static final int TRANSFORMER_IN_HEADS = 8;

  private final ComputeConfig compute;
  private final boolean blocksOffloaded;
  private final TimeEmbedding timeEmbedding;
  private final ManagedModule<Entry> entry;
  private final List<ManagedModule<Block>> stages;
  private final List<ManagedModule<Linear>> textProjections;

  Unet3d(UnetConfig config, Weights weights, Submodules parts) {
    compute = weights.compute();
    blocksOffloaded = parts.offloaded();
    timeEmbedding = new TimeEmbedding(config, weights.at("time_embedding"));
    entry = parts.part("conv_in", weights, own -> Entry.load(config, own));
    BlockList made = new BlockList(parts);
    for (int i = 0; i < config.levels(); i++) {
      DownBlock.addTo(made, config, weights.at("down_blocks", i), i);
    }
    MidBlock.addTo(made, config, weights.at("mid_block"));
    for (int i = 0; i < config.levels(); i++) {
      UpBlock.addTo(made, config, weights.at("up_blocks", i), i);
    }
    made.add("conv_norm_out", weights, own -> output(config, own));
    stages = made.stages();
    textProjections = made.textProjections();
  }

  /** Width of the tokens in the temporal transformer before the first level. */
  static long entryWidth(UnetConfig config) {
    return (long) TRANSFORMER_IN_HEADS * config.headDims().get(0);
  }

  /**
   * Projects the text for every layer that attends to it.
   *
   * @param text [clips, tokens, width], or [clips, frames, tokens, width]
   * @return for each layer the same with 2 · inner width, of the innermost open scope
   */
  List<Tensor> projectText(Tensor text) {
    List<Tensor> projected = new ArrayList<>();
    try (Prefetcher relay = new Prefetcher()) {
      relay.inTurn(textProjections, projection -> projected.add(projection.forward(text)));
    }
    return projected;
  }

  /** Tells whether the same stages are there, with the same weights, in every step. */
  boolean blocksStay() {
    return !blocksOffloaded;
  }

  /**
   * Embeds a timestep.
   *
   * @param condition [clips, time_cond_proj_dim], or null
   * @return [1 or clips, time embedding width], of the innermost open scope
   */
  Tensor embedTime(double timestep, @Nullable Tensor condition) {
    return timeEmbedding.forward(timestep, condition);
  }

  /**
   * Computes the network. Clips with the same latents, such as the halves of guidance, share what
   * sees no text.
   *
   * @param latents [videos, channels, frames, height, width], the text's clips a multiple of videos
   * @param time what {@link #embedTime} returned
   * @param text what {@link #projectText} returned
   * @param together how many clips to compute as one batch, at least 1
   * @return [clips, out channels, frames, height, width], float32
   */
  Tensor forward(
      Tensor latents, Tensor time, List<Tensor> text, int together, BlockListener listener) {
    try (TensorScope scope = TensorScope.open();
        Prefetcher relay = new Prefetcher()) {
      int clips = Math.toIntExact(text.get(0).size(0));
      int videos = Math.toIntExact(latents.size(0));
      MicroBatches order = new MicroBatches(videos, clips, together, blocksOffloaded);
      Progress progress = new Progress(listener, videos + order.groups() * stages.size());
      Tensor entering = compute.toCompute(latents);
      Tensor[] predictions = new Tensor[clips];
      for (MicroBatches.Bundle bundle : order.bundles()) {
        try (TensorScope shared = TensorScope.open()) {
          ForwardContext own =
              new ForwardContext(Math.toIntExact(latents.size(2)), List.of(), time);
          List<Tensor> mixed =
              forwardInput(
                  entering.narrow(0, bundle.firstVideo(), bundle.videos()), own, relay, progress);
          List<Features> groups = new ArrayList<>();
          for (List<Integer> group : bundle.groups()) {
            ForwardContext pass =
                new ForwardContext(own.frames(), textOf(text, group), timeOf(time, group));
            groups.add(new Features(featuresOf(mixed, bundle.firstVideo(), videos, group), pass));
          }
          walk(groups, relay, progress);
          for (int i = 0; i < groups.size(); i++) {
            Tensor predicted = ComputeConfig.toFloat32(groups.get(i).hidden());
            List<Integer> group = bundle.groups().get(i);
            for (int j = 0; j < group.size(); j++) {
              predictions[group.get(j)] = shared.keep(predicted.narrow(0, j, 1));
            }
          }
        }
      }
      return scope.keep(torch.cat(new TensorVector(predictions), 0));
    }
  }

  /** The part that sees no text, for each of the latents. */
  private List<Tensor> forwardInput(
      Tensor latents, ForwardContext pass, Prefetcher relay, Progress progress) {
    return relay.use(
        entry,
        stages.get(0),
        network -> {
          List<Tensor> mixed = new ArrayList<>();
          for (long i = 0; i < latents.size(0); i++) {
            mixed.add(network.forward(latents.narrow(0, i, 1), pass));
            progress.stageDone();
          }
          return mixed;
        });
  }

  /** A tensor of its own in any case: stages close what they have used, and others need these. */
  private static Tensor featuresOf(
      List<Tensor> mixed, int firstVideo, int videos, List<Integer> group) {
    Tensor[] clips = new Tensor[group.size()];
    for (int i = 0; i < clips.length; i++) {
      clips[i] = mixed.get(group.get(i) % videos - firstVideo);
    }
    return clips.length == 1 ? clips[0].view_as(clips[0]) : torch.cat(new TensorVector(clips), 0);
  }

  /** A text of each clip, or of each frame: [clips or clips × frames, tokens, 2 · inner width]. */
  private static List<Tensor> textOf(List<Tensor> text, List<Integer> group) {
    return text.stream()
        .map(layer -> rowsOf(layer, group))
        .map(rows -> rows.view(-1, rows.size(-2), rows.size(-1)))
        .toList();
  }

  /** Without a condition, one embedding serves all clips. */
  private static Tensor timeOf(Tensor time, List<Integer> group) {
    return time.size(0) == 1 ? time : rowsOf(time, group);
  }

  private static Tensor rowsOf(Tensor batch, List<Integer> group) {
    Tensor[] rows = new Tensor[group.size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = batch.narrow(0, group.get(i), 1);
    }
    return rows.length == 1 ? rows[0] : torch.cat(new TensorVector(rows), 0);
  }

  /** Takes groups of clips from the mixed frames to their predictions. */
  private void walk(List<Features> groups, Prefetcher relay, Progress progress) {
    if (blocksOffloaded) {
      advance(groups, relay, progress);
    } else {
      groups.forEach(group -> advance(List.of(group), relay, progress));
    }
  }

  private void advance(List<Features> groups, Prefetcher relay, Progress progress) {
    relay.inTurn(
        stages,
        stage -> {
          for (Features group : groups) {
            stage.advance(group);
            progress.stageDone();
          }
        });
  }

  /** The convolution and the temporal transformer before the first level. */
  private record Entry(Conv2d conv, TemporalTransformer transformer) {
    static Entry load(UnetConfig config, Weights weights) {
      long outer = config.blockOutChannels().get(0);
      return new Entry(
          Conv2d.load(weights.at("conv_in"), config.inChannels(), outer, 3, 1, 1),
          new TemporalTransformer(
              config,
              weights.at("transformer_in"),
              outer,
              TRANSFORMER_IN_HEADS,
              config.headDims().get(0)));
    }

    /** [1, channels, frames, height, width] to [frames, outer channels, height, width]. */
    Tensor forward(Tensor latents, ForwardContext pass) {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(
            transformer.forward(conv.forward(VideoLayout.foldFramesChannelsLast(latents)), pass));
      }
    }
  }

  /**
   * The last stage: from features to the prediction, [clips, out channels, frames, height, width].
   */
  private static Block output(UnetConfig config, Weights weights) {
    long outer = config.blockOutChannels().get(0);
    GroupNorm norm =
        GroupNorm.load(
            weights.at("conv_norm_out"), outer, config.normGroups(), config.normEpsilon());
    Conv2d conv = Conv2d.load(weights.at("conv_out"), outer, config.outChannels(), 3, 1, 1);
    return clip -> {
      try (TensorScope scope = TensorScope.open()) {
        Tensor normed = Activation.SILU.applyInPlace(norm.forward(clip.hidden()));
        clip.hidden().close();
        Tensor out = VideoLayout.unfoldFrames(conv.forward(normed), clip.pass().frames());
        clip.setHidden(scope.keep(out));
      }
    };
  }

  private static final class Progress {
    private final BlockListener listener;
    private final int total;
    private int done;

    Progress(BlockListener listener, int total) {
      this.listener = listener;
      this.total = total;
    }

    void stageDone() {
      listener.onBlock(++done, total);
    }
  }
}
