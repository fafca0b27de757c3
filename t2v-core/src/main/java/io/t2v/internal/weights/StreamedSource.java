package io.t2v.internal.weights;

import io.t2v.internal.torch.NativePool;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors of a network some of whose parts are streamed: those of parts are stored in host memory,
 * the others are read once.
 */
final class StreamedSource implements TensorSource {
  private final TensorSource staying;
  private final TensorSource stored;

  StreamedSource(TensorSource staying, TensorSource stored) {
    this.staying = staying;
    this.stored = stored;
  }

  @Override
  public Set<String> names() {
    return staying.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    return staying.tensor(name, shape);
  }

  @Override
  public TensorSource withPool(NativePool pool) {
    return stored;
  }
}
