package io.t2v.checkpoint;

import io.t2v.device.Precision;
import io.t2v.torch.Compute;
import io.t2v.torch.HostSlabs;
import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that wait on the processor's side, in the numbers in which weights wait, and are copied
 * to where the network computes for each use; widened there, if it computes with others. They are
 * read and converted when they are first used.
 *
 * <p>Safe for use by many threads.
 */
final class WaitingSource implements TensorSource {
  private final TensorFiles files;
  private final Compute compute;
  private final HostSlabs slabs;
  private final Map<String, Supplier<Tensor>> waiting = new HashMap<>();

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
      return scope.keep(waiting(name, entry, shape).get().view(shape));
    }
  }

  private synchronized Supplier<Tensor> waiting(String name, TensorEntry entry, long... shape) {
    return waiting.computeIfAbsent(name, absent -> store(entry.cut(files.file(name).map(), shape)));
  }

  /** What has one dimension is a thousandth of all, and stays as exact as it is used. */
  private Supplier<Tensor> store(Tensor exact) {
    if (exact.dim() >= 2 && compute.precision() == Precision.INT8) {
      return storeEightBits(exact);
    }
    Tensor stored = slabs.store(exact, exact.dim() >= 2 ? compute.waitingType() : compute.type());
    return () -> compute.enter(compute.copyWithoutWaiting(stored));
  }

  private Supplier<Tensor> storeEightBits(Tensor exact) {
    try (NativePool passing = new NativePool()) {
      EightBits bits = EightBits.of(exact, passing);
      Tensor integers = slabs.store(bits.integers(), ScalarType.Char);
      Tensor steps = slabs.store(bits.steps(), ScalarType.Float);
      return () ->
          compute.enter(
              new EightBits(compute.copyWithoutWaiting(integers), compute.copyWithoutWaiting(steps))
                  .widened());
    }
  }

  /** A copy is the network's own already. */
  @Override
  public boolean inPlace() {
    return true;
  }
}
