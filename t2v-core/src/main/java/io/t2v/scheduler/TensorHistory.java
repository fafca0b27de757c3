package io.t2v.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

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

  /** The entries by name and age. */
  Map<String, Tensor> stateDict(String name) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    int age = 0;
    for (Tensor entry : entries) {
      state.put(name + "." + age++, entry);
    }
    return state;
  }

  /** Takes the entries of its name out of a state, and remembers them. */
  void takeFrom(Map<String, Tensor> state, String name) {
    for (int age = capacity - 1; age >= 0; age--) {
      @Nullable Tensor entry = state.remove(name + "." + age);
      if (entry != null) {
        push(entry);
      }
    }
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
