package io.t2v.internal.weights;

import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.StagingMemory;
import java.util.Set;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/** Tensors as they are in the files, in float32 on the CPU. Each is read when it is asked for. */
record FileSource(TensorReader files, LongFunction<Tensor> memory) implements TensorSource {
  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    return files.read(name, shape);
  }

  @Override
  public Tensor temporary(String name, long... shape) {
    return files.read(name, memory, shape);
  }

  @Override
  public TensorSource stagedIn(StagingMemory staging) {
    return new FileSource(files, staging::take);
  }
}
