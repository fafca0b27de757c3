package io.t2v.internal.unet3d;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;

/**
 * A micro-batch on its way through the network: its hidden state, and the skip connections that the
 * down path has left for the up path.
 *
 * <p>It owns the tensors that it is given. On the down path, the hidden state is the last skip as
 * well.
 */
final class Features {
  private final ForwardContext context;
  private final Deque<Tensor> skips = new ArrayDeque<>();
  private Tensor hidden;

  /** hidden: [samples × frames, channels, height, width], which is the first skip as well. */
  Features(Tensor hidden, ForwardContext context) {
    this.hidden = hidden;
    this.context = context;
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
