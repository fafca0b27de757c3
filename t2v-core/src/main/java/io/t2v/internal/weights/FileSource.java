package io.t2v.internal.weights;

import io.t2v.internal.files.TensorReader;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Tensors as they are in the files, in float32 on the CPU. Each is read when it is asked for. */
record FileSource(TensorReader files) implements TensorSource {
  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    return files.read(name, shape);
  }
}
