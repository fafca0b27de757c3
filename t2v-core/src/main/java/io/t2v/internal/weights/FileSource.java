package io.t2v.internal.weights;

import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.HostSlabs;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors as they are in the files, in float32 on the CPU. Each is read when it is asked for.
 *
 * @param files that hold them
 * @param slabBytes of the memory for those that are kept
 * @param kept where those lie that are kept
 * @param staging where those lie that are not
 */
record FileSource(TensorReader files, long slabBytes, HostSlabs kept, StagingMemory staging)
    implements TensorSource {
  /** For what is left if layers keep large weights in a form of their own. */
  private static final long SMALL_SLAB = 2L << 20;

  /** packed: whether layers keep large weights in a form of their own; pool: keeps the others. */
  static FileSource of(TensorReader files, boolean packed, NativePool pool) {
    return of(files, packed ? SMALL_SLAB : HostSlabs.SLAB, pool, StagingMemory.none());
  }

  private static FileSource of(
      TensorReader files, long slabBytes, NativePool pool, StagingMemory staging) {
    return new FileSource(files, slabBytes, new HostSlabs(pool, false, slabBytes), staging);
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    return files.read(name, staging::take, kept::take, shape);
  }

  @Override
  public Tensor temporary(String name, long... shape) {
    return files.read(name, staging::take, staging::take, shape);
  }

  @Override
  public TensorSource stagedIn(StagingMemory memory) {
    return new FileSource(files, slabBytes, kept, memory);
  }

  @Override
  public TensorSource withPool(NativePool pool) {
    return of(files, slabBytes, pool, staging);
  }
}
