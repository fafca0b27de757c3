package io.t2v.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.bytedeco.pytorch.Tensor;

/** The last few results of a run, newest first. It owns them. */
final class TensorHistory implements AutoCloseable {
  private final int capacity;
  private final Deque<Tensor> entries = new ArrayDeque<>();

  TensorHistory(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Remembers a tensor beyond the scope that it was made in, and forgets the oldest.
   *
   * @param tensor one that nobody else holds or changes
   * @return the tensor
   */
  Tensor push(Tensor tensor) {
    entries.addFirst(tensor.retainReference());
    if (entries.size() > capacity) {
      entries.removeLast().close();
    }
    return tensor;
  }

  /**
   * Gives an earlier result.
   *
   * @param age 0 for the newest
   * @return the tensor, which stays the history's own
   */
  Tensor get(int age) {
    Iterator<Tensor> newestFirst = entries.iterator();
    for (int i = 0; i < age; i++) {
      newestFirst.next();
    }
    return newestFirst.next();
  }

  int size() {
    return entries.size();
  }

  @Override
  public void close() {
    entries.forEach(Tensor::close);
    entries.clear();
  }
}
