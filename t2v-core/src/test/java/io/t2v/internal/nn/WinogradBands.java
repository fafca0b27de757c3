package io.t2v.internal.nn;

import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How a minimal filter divides images, for tests of other packages. */
public final class WinogradBands {
  private WinogradBands() {}

  /**
   * One band.
   *
   * @param rows of output
   * @param tiles in such a row, of all its images
   */
  public record Band(long rows, long tiles) {}

  /** Input elements of a band; the points of a filter are one and a half times as many. */
  public static long elements(ComputeConfig compute) {
    return WinogradConv2d.bandElements(compute);
  }

  /** The bands of images of so many channels. */
  public static List<Band> of(
      ComputeConfig compute, long images, long channels, long height, long width) {
    long tiles = (width + WinogradTransform.OUTPUTS - 1) / WinogradTransform.OUTPUTS;
    List<Band> bands = new ArrayList<>();
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor shape = torch.zeros(1, 1, 1, 1).expand(images, height, width, channels);
      RowBands.forEach(
          shape,
          shape,
          WinogradConv2d.bandElements(compute),
          WinogradConv2d.rowElements(tiles, channels),
          WinogradConv2d.ROW_HALO,
          (from, to, row, rows) -> bands.add(new Band(rows, from.size(0) * tiles)));
    }
    return bands;
  }
}
