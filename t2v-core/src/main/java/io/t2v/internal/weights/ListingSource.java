package io.t2v.internal.weights;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** No tensors at all, but a note of each that a network asks for. */
final class ListingSource implements TensorSource {
  private final Weights.ParameterListener listener;

  ListingSource(Weights.ParameterListener listener) {
    this.listener = listener;
  }

  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    listener.parameter(name, shape);
    return MetaTensorSource.contentless(ScalarType.Float, shape);
  }
}
