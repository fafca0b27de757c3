package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.cli.LayerProfile.Row;
import io.t2v.cli.LayerProfile.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which layer the time belongs to, where layers lie within others. */
class LayerProfileTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aLayersTimeIsWithoutThatOfLayersWithinIt() {
    List<Row> rows =
        LayerProfile.rows(
            List.of(
                new Span(1, 2 * SECOND, 5 * SECOND, "linear", 100),
                new Span(1, 0, 10 * SECOND, "block", 0),
                new Span(1, 3 * SECOND, 4 * SECOND, "norm", 0),
                new Span(1, 5 * SECOND, 9 * SECOND, "linear", 200),
                new Span(2, 3 * SECOND, 4 * SECOND, "linear", 50)));
    assertThat(rows)
        .containsExactly(
            new Row("linear", 3, 7, 350), new Row("block", 1, 3, 0), new Row("norm", 1, 1, 0));
    assertThat(LayerProfile.table(rows, 11, 100))
        .contains(
            "linear                         3     7.000   63.6%     0.000         0      50%",
            "block                          1     3.000   27.3%",
            "accounted for                       11.000  100.0%     0.000         0      32%");
    assertThat(LayerProfile.json(rows, 14, 100).get(0))
        .containsEntry("share", 0.5)
        .containsEntry("shareOfPeak", 0.5);
  }
}
