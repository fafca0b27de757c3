package io.t2v.internal.unet3d;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;

/** Clips that go through the network together. */
final class Features {
  private final ForwardContext pass;
  private final Deque<Tensor> skips = new ArrayDeque<>();
  private Tensor hidden;

  /**
   * hidden: [clips × frames, channels, height, width]; taken over, as everything is that follows.
   */
  Features(Tensor hidden, ForwardContext pass) {
    this.hidden = hidden;
    this.pass = pass;
    pushSkip();
  }

  ForwardContext pass() {
    return pass;
  }

  Tensor hidden() {
    return hidden;
  }

  /** What the next stage sees. */
  void setHidden(Tensor next) {
    hidden = next;
  }

  /** Keeps the features for the way out. */
  void pushSkip() {
    skips.addLast(hidden);
  }

  /** The features of the way in that are next to be joined; they stay. */
  Tensor nextSkip() {
    return skips.getLast();
  }

  /** The features of the way in that are next to be joined; the caller's to close. */
  Tensor takeSkip() {
    return skips.removeLast();
  }
}
