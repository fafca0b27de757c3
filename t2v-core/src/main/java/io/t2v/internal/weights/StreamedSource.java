package io.t2v.internal.weights;

import io.t2v.internal.torch.NativePool;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Tensors of a network some of whose parts come and go: those of parts wait where they can be
 * fetched quickly, the others are fetched once.
 */
final class StreamedSource implements TensorSource {
  private final TensorSource staying;
  private final TensorSource waiting;

  StreamedSource(TensorSource staying, TensorSource waiting) {
    this.staying = staying;
    this.waiting = waiting;
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
    return waiting;
  }
}
