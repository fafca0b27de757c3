package io.t2v.internal.weights;

import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.TensorScope;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Tensors that are copied to the device of the computation, in its number type. */
final class ConvertedSource implements TensorSource {
  private final TensorFiles files;
  private final ComputeConfig compute;

  ConvertedSource(TensorFiles files, ComputeConfig compute) {
    this.files = files;
    this.compute = compute;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  /** The mapping goes with the scope, so that pages which were read do not pile up. */
  @Override
  public Tensor tensor(String name, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor mapped = files.file(name).map();
      return scope.keep(compute.copy(files.checkedEntry(name, shape).cut(mapped, shape)));
    }
  }

  /** A copy is the network's own already. */
  @Override
  public boolean isOwned() {
    return true;
  }
}
