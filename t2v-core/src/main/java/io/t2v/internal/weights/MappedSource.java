package io.t2v.internal.weights;

import io.t2v.internal.files.TensorEntry;
import io.t2v.internal.files.TensorFile;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.torch.NativePool;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors that lie on the mapped files until the network's pool closes: nothing is copied, pages
 * are read when they are used. Used by one thread.
 */
final class MappedSource implements TensorSource {
  private final TensorFiles files;
  private final NativePool pool;
  private final Map<TensorFile, Tensor> mappings = new IdentityHashMap<>();

  MappedSource(TensorFiles files, NativePool pool) {
    this.files = files;
    this.pool = pool;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    TensorEntry entry = files.checkedEntry(name, shape);
    Tensor mapping = mappings.computeIfAbsent(files.file(name), file -> pool.adopt(file.map()));
    return entry.cut(mapping, shape);
  }

  @Override
  public TensorSource withPool(NativePool otherPool) {
    return new MappedSource(files, otherPool);
  }

  @Override
  public boolean isOwned() {
    return true;
  }
}
