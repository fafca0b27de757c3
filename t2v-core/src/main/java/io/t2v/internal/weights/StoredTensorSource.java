package io.t2v.internal.weights;

import io.t2v.device.Precision;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostSlabs;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that are stored in the dtype of a precision, and for each use copied to where the network
 * computes, and widened there if it computes in another dtype. They are read and converted when
 * they are first used.
 *
 * <p>Safe for use by many threads.
 */
final class StoredTensorSource implements TensorSource {
  private final TensorReader files;
  private final ComputeConfig compute;
  private final Store store;
  private final boolean forAllParts;
  private final Map<String, Supplier<Tensor>> stored = new HashMap<>();

  /** Where tensors are stored. */
  @FunctionalInterface
  private interface Store {
    /** Copies a tensor in another number type; the copy is alive as long as the network. */
    Tensor copy(Tensor x, ScalarType type);
  }

  private StoredTensorSource(
      TensorReader files, ComputeConfig compute, Store store, boolean forAllParts) {
    this.files = files;
    this.compute = compute;
    this.store = store;
    this.forAllParts = forAllParts;
  }

  /** On the processor's side, in slabs. */
  static StoredTensorSource onHost(TensorReader files, ComputeConfig compute, HostSlabs slabs) {
    return new StoredTensorSource(files, compute, slabs::store, true);
  }

  /** Where the network computes, in the pool. */
  static StoredTensorSource inPlace(TensorReader files, ComputeConfig compute, NativePool pool) {
    return new StoredTensorSource(files, compute, storeIn(compute, pool), true);
  }

  /** As in place, but parts with a pool of their own read what they need from the files anew. */
  static StoredTensorSource ofEachPart(TensorReader files, ComputeConfig compute, NativePool pool) {
    return new StoredTensorSource(files, compute, storeIn(compute, pool), false);
  }

  private static Store storeIn(ComputeConfig compute, NativePool pool) {
    return (x, type) -> pool.adopt(compute.copy(x, type));
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(stored(name, shape).get().view(shape));
    }
  }

  private synchronized Supplier<Tensor> stored(String name, long... shape) {
    return stored.computeIfAbsent(name, absent -> store(files.read(name, shape)));
  }

  /** What has one dimension is a thousandth of all, and stays as exact as it is used. */
  private Supplier<Tensor> store(Tensor exact) {
    if (exact.dim() >= 2 && compute.precision() == Precision.INT8) {
      return storeEightBits(exact);
    }
    Tensor stored = store.copy(exact, exact.dim() >= 2 ? compute.storedDtype() : compute.type());
    return () -> compute.toCompute(compute.copyWithoutWaiting(stored));
  }

  private Supplier<Tensor> storeEightBits(Tensor exact) {
    try (NativePool passing = new NativePool()) {
      Int8Weight bits = Int8Weight.of(exact, passing);
      Tensor integers = store.copy(bits.integers(), ScalarType.Char);
      Tensor steps = store.copy(bits.steps(), ScalarType.Float);
      return () ->
          compute.toCompute(
              new Int8Weight(
                      compute.copyWithoutWaiting(integers), compute.copyWithoutWaiting(steps))
                  .widened());
    }
  }

  @Override
  public TensorSource withPool(NativePool pool) {
    return forAllParts ? this : ofEachPart(files, compute, pool);
  }
}
