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
 * @param whole all of them; if they are stored in fewer bits, these and the largest part
 * @param kept what stays while other networks compute: all of them, or those stored in fewer bits
 * @param layerByLayer those that always stay, and the largest part
 * @param streamed those that always stay, and the largest two parts that follow each other
 * @param stored all of them in the dtype in which they are stored until they are used
 * @param loading what reading the largest one takes for a moment beside what is made of it
 */
public record WeightFootprint(
    long whole, long kept, long layerByLayer, long streamed, long stored, long loading) {
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
      long stored = meta.storedBytes();
      long loading = loading(files, compute);
      return compute.isCompact()
          ? new WeightFootprint(
              stored + layerByLayer, stored, layerByLayer, streamed, stored, loading)
          : new WeightFootprint(all, all, layerByLayer, streamed, stored, loading);
    }
  }

  /**
   * A tensor is read as it is in the file, widened to float32, patched, and then packed. Weights
   * that are stored in fewer bits are widened while features are small, before the part of the
   * network that they belong to computes, so that this takes nothing on top but for patches; what a
   * device computes with is read on the host.
   */
  private static long loading(TensorFiles files, ComputeConfig compute) {
    if (!compute.device().isCpu()) {
      return 0;
    }
    return compute.isCompact() ? files.largestPatch() : files.largestTensorWidened();
  }

  /**
   * The same for a network that is not divided: layer by layer, and streamed, mean while it is
   * used, and what is widened for each use is not stored.
   *
   * @param compact whether its weights are widened for each use
   * @return bytes
   */
  public WeightFootprint undivided(boolean compact) {
    return new WeightFootprint(
        layerByLayer, compact ? 0 : layerByLayer, layerByLayer, layerByLayer, 0, loading);
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
