package io.t2v.internal.memory;

import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.weights.Weights;
import java.util.function.Function;

/**
 * What a network's weights take, in bytes.
 *
 * @param whole all of them; if they wait in fewer bits, that and the largest part
 * @param kept what stays while other networks compute: all of them, or what waits
 * @param layerByLayer those that always stay, and the largest part
 * @param streamed those that always stay, and the largest two parts that follow each other
 * @param waiting all of them in the numbers in which they wait to be used
 */
public record WeightFootprint(
    long whole, long kept, long layerByLayer, long streamed, long waiting) {
  /**
   * Weighs a network: it is built on tensors without content, which know how large they would be.
   *
   * @param files its weights, of which only the headers are read
   * @param form in which its layers keep them
   * @param compute where it would compute, and in which numbers
   * @param maker makes it
   * @return bytes
   */
  public static WeightFootprint of(
      TensorFiles files, Weights.Form form, ComputeConfig compute, Placement.Maker<?> maker) {
    try (ComputeScope scope = ComputeScope.open();
        NativePool staying = new NativePool()) {
      Weighing parts = new Weighing();
      Weights meta = Weights.meta(files, form, compute, staying);
      maker.make(meta, parts);
      long always = staying.bytes();
      long layerByLayer = always + parts.largest;
      long streamed = always + parts.largestPair;
      long all = always + parts.sum;
      long waiting = meta.storedBytes();
      return compute.isCompact()
          ? new WeightFootprint(waiting + layerByLayer, waiting, layerByLayer, streamed, waiting)
          : new WeightFootprint(all, all, layerByLayer, streamed, waiting);
    }
  }

  /**
   * The same for a network that is not divided: layer by layer, and streamed, mean while it is
   * used, and what is widened for each use does not wait.
   *
   * @param compact whether its weights are widened for each use
   * @return bytes
   */
  public WeightFootprint undivided(boolean compact) {
    return new WeightFootprint(
        layerByLayer, compact ? 0 : layerByLayer, layerByLayer, layerByLayer, 0);
  }

  private static final class Weighing implements Submodules {
    private long sum;
    private long largest;
    private long largestPair;
    private long former;

    @Override
    public <N> ManagedModule<N> part(String name, Weights weights, Function<Weights, N> maker) {
      try (NativePool own = new NativePool()) {
        N unused = maker.apply(weights.withPool(own));
        note(own.bytes());
      }
      return ManagedModule.releasedAfterUse(
          pool -> {
            throw new IllegalStateException(name + " was weighed only");
          });
    }

    private void note(long bytes) {
      sum += bytes;
      largest = Math.max(largest, bytes);
      largestPair = Math.max(largestPair, former + bytes);
      former = bytes;
    }

    @Override
    public boolean offloaded() {
      return true;
    }
  }
}
