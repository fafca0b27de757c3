package io.t2v.spring;

/** When the pipeline is made. */
public enum LoadMode {
  /** While the context starts, which waits for it and fails with it. */
  EAGER,
  /** On a thread of its own, once the context has started. */
  BACKGROUND,
  /** When it is first asked for. */
  LAZY
}
