package io.t2v.internal.weights;

import io.t2v.device.Precision;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostSlabs;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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
  private final Map<String, Stored> stored = new HashMap<>();

  /** A tensor that was read, converted and stored. */
  private interface Stored {
    /** Copies it to where the network computes, in its dtype. */
    Tensor copy();

    /** Copies it, widened, into a tensor on the CPU. */
    void copyTo(Tensor out);

    /** Its shape, that of its first reader. */
    long[] shape();
  }

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

  /** On host memory, in slabs. */
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
      return scope.keep(stored(name, shape).copy().view(shape));
    }
  }

  private synchronized Stored stored(String name, long... shape) {
    return stored.computeIfAbsent(name, absent -> store(files.read(name, shape)));
  }

  /** What has one dimension is a thousandth of all, and stays as exact as it is used. */
  private Stored store(Tensor exact) {
    if (exact.dim() >= 2 && compute.precision() == Precision.INT8) {
      return storeEightBits(exact);
    }
    return new StoredFloats(
        store.copy(exact, exact.dim() >= 2 ? compute.storedDtype() : compute.type()), compute);
  }

  private Stored storeEightBits(Tensor exact) {
    try (NativePool passing = new NativePool()) {
      Int8Weight bits = Int8Weight.of(exact, passing);
      Tensor integers = store.copy(bits.integers(), ScalarType.Char);
      Tensor steps = store.copy(bits.steps(), ScalarType.Float);
      return new StoredIntegers(new Int8Weight(integers, steps), compute);
    }
  }

  private record StoredFloats(Tensor floats, ComputeConfig compute) implements Stored {
    @Override
    public Tensor copy() {
      return compute.toCompute(compute.copyWithoutWaiting(floats));
    }

    @Override
    public void copyTo(Tensor out) {
      out.copy_(floats);
    }

    @Override
    public long[] shape() {
      return HostTensors.shape(floats);
    }
  }

  private record StoredIntegers(Int8Weight weight, ComputeConfig compute) implements Stored {
    @Override
    public Tensor copy() {
      return compute.toCompute(
          new Int8Weight(
                  compute.copyWithoutWaiting(weight.integers()),
                  compute.copyWithoutWaiting(weight.steps()))
              .widened());
    }

    @Override
    public void copyTo(Tensor out) {
      weight.widenTo(out);
    }

    @Override
    public long[] shape() {
      return HostTensors.shape(weight.integers());
    }
  }

  @Override
  public TensorSource stagedIn(StagingMemory memory) {
    return compute.device().isCpu() ? new Staged(this, memory) : this;
  }

  /** What is not kept is copied into memory that is used again. */
  private record Staged(StoredTensorSource source, StagingMemory memory) implements TensorSource {
    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public Tensor tensor(String name, long... shape) {
      return source.tensor(name, shape);
    }

    @Override
    public Tensor temporary(String name, long... shape) {
      Stored stored = source.stored(name, shape);
      try (TensorScope scope = TensorScope.open()) {
        Tensor copy = memory.empty(source.compute.type(), stored.shape());
        stored.copyTo(copy);
        return scope.keep(copy.view(shape));
      }
    }

    @Override
    public TensorSource stagedIn(StagingMemory other) {
      return new Staged(source, other);
    }

    @Override
    public TensorSource withPool(NativePool pool) {
      return source.withPool(pool).stagedIn(memory);
    }
  }

  @Override
  public TensorSource withPool(NativePool pool) {
    return forAllParts ? this : ofEachPart(files, compute, pool);
  }
}
