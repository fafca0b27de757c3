package io.t2v.internal.files;

import org.bytedeco.pytorch.Tensor;

/**
 * What is added to a tensor each time it is read, such as the product of an adapter's factors: a
 * layer's weight is base + patches. The base's file is left as it is, and nothing of the sum is
 * kept here.
 */
public interface TensorPatch {
  /** The tensors that the patch is made of; their files stay open as long as the base's. */
  TensorFiles source();

  /** Tells the patch from others: what it adds is the same where this is. */
  String identity();

  /** Bytes that adding takes for a moment. */
  long bytes();

  /**
   * Adds the patch.
   *
   * @param tensor float32 on the CPU, row by row; changed in place
   * @param opened reads {@link #source}
   * @throws io.t2v.checkpoint.CheckpointException if the source was changed or cannot be read
   */
  void addTo(Tensor tensor, TensorReader opened);
}
