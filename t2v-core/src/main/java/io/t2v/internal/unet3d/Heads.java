package io.t2v.internal.unet3d;

/** How many heads an attention has, and how wide one is. */
record Heads(long count, long dim) {
  /** Width of all heads together. */
  long width() {
    return count * dim;
  }
}
