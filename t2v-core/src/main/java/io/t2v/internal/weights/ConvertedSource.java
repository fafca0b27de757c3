package io.t2v.internal.weights;

import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import java.util.Set;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/** Tensors that are copied to the device of the computation, in its dtype. */
record ConvertedSource(TensorReader files, ComputeConfig compute, LongFunction<Tensor> memory)
    implements TensorSource {
  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(compute.copy(files.read(name, memory, shape)));
    }
  }

  @Override
  public TensorSource stagedIn(StagingMemory staging) {
    return new ConvertedSource(files, compute, staging::take);
  }
}
