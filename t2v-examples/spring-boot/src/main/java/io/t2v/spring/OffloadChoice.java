package io.t2v.spring;

import io.t2v.offload.OffloadPolicy;

/** The built-in offload policies, by name. */
public enum OffloadChoice {
  /** {@link OffloadPolicy#none}. */
  NONE(OffloadPolicy.none()),
  /** {@link OffloadPolicy#component}. */
  COMPONENT(OffloadPolicy.component()),
  /** {@link OffloadPolicy#disk}. */
  DISK(OffloadPolicy.disk()),
  /** {@link OffloadPolicy#streaming}. */
  STREAMING(OffloadPolicy.streaming()),
  /** {@link OffloadPolicy#auto}. */
  AUTO(OffloadPolicy.auto());

  private final OffloadPolicy policy;

  OffloadChoice(OffloadPolicy policy) {
    this.policy = policy;
  }

  OffloadPolicy policy() {
    return policy;
  }
}
