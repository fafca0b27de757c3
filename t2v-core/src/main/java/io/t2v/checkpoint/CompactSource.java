package io.t2v.checkpoint;

import io.t2v.device.Precision;
import io.t2v.torch.Compute;
import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that wait where the network computes, in fewer bits than it computes with, and are
 * widened for each use. What has one dimension (biases, normalisations) is a thousandth of all, and
 * stays as it is. Safe for use by many threads.
 */
final class CompactSource implements TensorSource {
  private final TensorFiles files;
  private final Compute compute;
  private final NativePool pool;
  private final boolean keeps;
  private final Map<String, Supplier<Tensor>> waiting = new HashMap<>();

  /**
   * Makes a source.
   *
   * @param pool keeps what waits
   * @param keeps whether tensors wait in this pool also for parts of the network that have a pool
   *     of their own; otherwise a part reads them from the files anew
   */
  CompactSource(TensorFiles files, Compute compute, NativePool pool, boolean keeps) {
    this.files = files;
    this.compute = compute;
    this.pool = pool;
    this.keeps = keeps;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public synchronized Tensor tensor(String name, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(waiting.computeIfAbsent(name, n -> compact(n, shape)).get());
    }
  }

  private Supplier<Tensor> compact(String name, long... shape) {
    Tensor mapped = files.checkedEntry(name, shape).cut(files.file(name).map(), shape);
    Tensor exact = compute.place(mapped);
    if (exact.dim() >= 2 && compute.precision() == Precision.INT8) {
      EightBits bits = EightBits.of(exact, pool);
      return () -> compute.enter(bits.widened());
    }
    ScalarType type = exact.dim() >= 2 ? compute.waitingType() : ScalarType.Float;
    Tensor kept = pool.adopt(exact.to(type, false, true, new MemoryFormatOptional()));
    return () -> compute.copy(kept);
  }

  @Override
  public TensorSource keptIn(NativePool otherPool) {
    return keeps ? this : new CompactSource(files, compute, otherPool, false);
  }

  /** What is widened is the caller's own. */
  @Override
  public boolean inPlace() {
    return true;
  }
}
