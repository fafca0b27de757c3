package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows of which images a band has: "first image + images: first row + rows". */
class RowBandsTest {
  private static final int ROW = 10;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Three images of five rows of ten elements. Too little for a row: row by row.
        "1|0|0+1:0+1 0+1:1+1 0+1:2+1 0+1:3+1 0+1:4+1 1+1:0+1 1+1:1+1 1+1:2+1 1+1:3+1 1+1:4+1"
            + " 2+1:0+1 2+1:1+1 2+1:2+1 2+1:3+1 2+1:4+1",
        // Room for two rows: three bands.
        "20|0|0+1:0+1 0+1:1+2 0+1:3+2 1+1:0+1 1+1:1+2 1+1:3+2 2+1:0+1 2+1:1+2 2+1:3+2",
        // Room for four rows, two of which are the halo.
        "40|2|0+1:0+1 0+1:1+2 0+1:3+2 1+1:0+1 1+1:1+2 1+1:3+2 2+1:0+1 2+1:1+2 2+1:3+2",
        "50|0|0+1:0+5 1+1:0+5 2+1:0+5",
        "139|2|0+1:0+5 1+1:0+5 2+1:0+5",
        "140|2|0+1:0+5 1+2:0+5",
        "1000|2|0+3:0+5"
      })
  void areAsFewAndAsEqualAsTheyMayBe(long bandElements, long halo, String expected) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor images = torch.arange(new Scalar(3)).view(3, 1, 1, 1);
      Tensor wide = images.expand(3, 5, 2, 5);
      List<String> bands = new ArrayList<>();
      RowBands.forEach(
          wide,
          wide,
          bandElements,
          ROW,
          halo,
          (from, to, row, rows) -> {
            assertThat(HostTensors.shape(to)).isEqualTo(HostTensors.shape(from));
            assertThat(to.select(0, 0).max().item_long())
                .isEqualTo(from.select(0, 0).max().item_long());
            bands.add(
                from.select(0, 0).max().item_long() + "+" + from.size(0) + ":" + row + "+" + rows);
          });
      assertThat(String.join(" ", bands)).isEqualTo(expected);
    }
  }

  @Test
  void haloIsZeroOutsideOfTheImage() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor image = HostTensors.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 3, 2, 1);
      assertThat(HostTensors.toFloats(RowBands.withHalo(image, 0, 1, 1)))
          .containsExactly(0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0);
      assertThat(HostTensors.toFloats(RowBands.withHalo(image, 1, 1, 1)))
          .containsExactly(0, 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0);
      assertThat(HostTensors.toFloats(RowBands.withHalo(image, 2, 1, 2)))
          .containsExactly(0, 3, 4, 0, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0);
    }
  }
}
