package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How rows are divided: "first row + rows". */
class ChunksTest {
  @ParameterizedTest
  @CsvSource({
    "0, 4, ''",
    "4, 4, 0+4",
    // Not four rows and then a single one.
    "5, 4, 0+2 2+3",
    "10, 4, 0+3 3+3 6+4",
    // At least a row, however little room there is.
    "3, 0, 0+1 1+1 2+1",
    "2, -1, 0+1 1+1"
  })
  void areFewAndEqual(long count, long most, String expected) {
    List<String> chunks = new ArrayList<>();
    Chunks.forEach(count, most, (start, rows) -> chunks.add(start + "+" + rows));
    assertThat(String.join(" ", chunks)).isEqualTo(expected);
    assertThat(Chunks.count(count, most)).isEqualTo(chunks.size());
  }
}
