package io.t2v.internal.weights;

import io.t2v.internal.files.TensorFiles;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors that are about to be copied into another form. Each has a mapping of its own, which goes
 * with it: so the pages that were read do not pile up in memory beside the copies.
 */
final class TransientSource implements TensorSource {
  private final TensorFiles files;

  TransientSource(TensorFiles files) {
    this.files = files;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    return files.checkedEntry(name, shape).cut(files.file(name).map(), shape);
  }

  @Override
  public boolean isOwned() {
    return false;
  }
}
