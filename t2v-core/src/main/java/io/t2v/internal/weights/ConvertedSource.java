package io.t2v.internal.weights;

import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Tensors that are copied to the device of the computation, in its dtype. */
record ConvertedSource(TensorReader files, ComputeConfig compute, StagingMemory staging)
    implements TensorSource {
  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(compute.copy(read(name, shape)));
    }
  }

  @Override
  public Tensor temporary(String name, long... shape) {
    if (!compute.device().isCpu()) {
      return tensor(name, shape);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor converted = staging.empty(compute.type(), shape);
      converted.copy_(read(name, shape));
      return scope.keep(converted);
    }
  }

  private Tensor read(String name, long... shape) {
    return files.read(name, staging::take, staging::take, shape);
  }

  @Override
  public TensorSource stagedIn(StagingMemory memory) {
    return new ConvertedSource(files, compute, memory);
  }
}
