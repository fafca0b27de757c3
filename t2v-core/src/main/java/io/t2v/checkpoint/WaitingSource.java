package io.t2v.checkpoint;

import io.t2v.torch.Compute;
import io.t2v.torch.HostSlabs;
import io.t2v.torch.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors that wait on the processor's side, in the numbers of the computation, and are copied to
 * the device for each use. They are read and converted when they are first used.
 *
 * <p>Safe for use by many threads.
 */
final class WaitingSource implements TensorSource {
  private final TensorFiles files;
  private final Compute compute;
  private final HostSlabs slabs;
  private final Map<String, Tensor> waiting = new HashMap<>();

  WaitingSource(TensorFiles files, Compute compute, HostSlabs slabs) {
    this.files = files;
    this.compute = compute;
    this.slabs = slabs;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    TensorEntry entry = files.checkedEntry(name, shape);
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(compute.copyWithoutWaiting(waiting(name, entry, shape).view(shape)));
    }
  }

  private synchronized Tensor waiting(String name, TensorEntry entry, long... shape) {
    Tensor stored = waiting.get(name);
    if (stored == null) {
      stored = slabs.store(entry.cut(files.file(name).map(), shape), compute.type());
      waiting.put(name, stored);
    }
    return stored;
  }

  /** A copy is the network's own already. */
  @Override
  public boolean inPlace() {
    return true;
  }
}
