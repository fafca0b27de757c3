package io.t2v.internal.adapter;

import com.google.common.primitives.Longs;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorPatch;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.TensorScope;
import java.util.Comparator;
import org.bytedeco.pytorch.Tensor;

/**
 * The product of two factors, scaled. It is computed in float32 each time the weight is read; the
 * factors are read for it, and nothing is kept.
 *
 * @param file of the factors
 * @param layer its factors
 * @param scale what the product is multiplied by, with the layer's strength; not 0
 * @param layout of the product
 */
record LowRankPatch(AdapterFile file, LowRank layer, double scale, ProductLayout layout)
    implements TensorPatch {
  /** One order for all patches of a weight, so that the order of adapters changes no bit. */
  static final Comparator<LowRankPatch> ORDER =
      Comparator.comparing((LowRankPatch patch) -> patch.file.digest())
          .thenComparing(patch -> patch.layer.up())
          .thenComparing(LowRankPatch::scale);

  @Override
  public TensorFiles source() {
    return file.tensors();
  }

  @Override
  public String identity() {
    return file.digest() + " " + layer.up() + " " + scale;
  }

  /** Both factors as they are in the file and widened, and the product where it is stored. */
  @Override
  public long bytes() {
    long up = source().entry(layer.up()).elements();
    long down = source().entry(layer.down()).elements();
    long factors = 2 * Float.BYTES * (up + down);
    return layout == ProductLayout.MEAN
        ? factors + Float.BYTES * (up / layer.rank()) * (down / layer.rank())
        : factors;
  }

  @Override
  public void addTo(Tensor tensor, TensorReader opened) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor up = read(opened, layer.up());
      Tensor down = read(opened, layer.down());
      layout.add(tensor, up.view(-1, layer.rank()), down.view(layer.rank(), -1), scale);
    }
  }

  private Tensor read(TensorReader opened, String name) {
    return opened.read(name, Longs.toArray(source().entry(name).shape()));
  }
}
