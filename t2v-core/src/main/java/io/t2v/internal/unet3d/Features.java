package io.t2v.internal.unet3d;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.t2v.internal.torch.HostTensors;
import io.t2v.unet.FeatureCache;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * A micro-batch on its way through the network: its hidden state, and the skip connections that the
 * down path has left for the up path.
 *
 * <p>It owns the tensors that it is given. On the down path, the hidden state is the last skip as
 * well.
 */
final class Features {
  private final ForwardContext context;
  private final @Nullable FeatureCache cache;
  private final Deque<Tensor> skips = new ArrayDeque<>();
  private Tensor hidden;

  /**
   * Starts with the output of the input block.
   *
   * @param hidden [samples × frames, channels, height, width], which is the first skip as well
   * @param cache of this micro-batch, where the network is cut; null for none
   */
  Features(Tensor hidden, ForwardContext context, @Nullable FeatureCache cache) {
    this.hidden = hidden;
    this.context = context;
    this.cache = cache;
    pushSkip();
  }

  ForwardContext context() {
    return context;
  }

  Tensor hidden() {
    return hidden;
  }

  void setHidden(Tensor next) {
    hidden = next;
  }

  /** Takes the hidden state from the cache, or leaves its own there. */
  void crossCut(boolean reuse) {
    FeatureCache own = requireNonNull(cache);
    if (!reuse) {
      own.put(hidden);
      hidden.close();
    }
    Tensor cached = own.get().orElseThrow();
    Tensor skip = peekSkip();
    checkArgument(
        cached.size(0) == skip.size(0)
            && cached.size(2) == skip.size(2)
            && cached.size(3) == skip.size(3),
        "the cached features have the shape %s, and do not fit latents whose features have %s",
        Arrays.toString(HostTensors.shape(cached)),
        Arrays.toString(HostTensors.shape(skip)));
    // A handle that blocks may close; features that were loaded from a file have another layout.
    hidden = cached.contiguous(MemoryFormat.ChannelsLast);
    if (context.adjustments().freeU().isPresent()) {
      hidden = hidden.clone(); // which FreeU changes in place
    }
  }

  /** Keeps the hidden state for the up path. */
  void pushSkip() {
    skips.addLast(hidden);
  }

  /** Returns the last skip, which stays. */
  Tensor peekSkip() {
    return skips.getLast();
  }

  /** Removes the last skip, which the caller closes. */
  Tensor popSkip() {
    return skips.removeLast();
  }
}
