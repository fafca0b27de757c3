package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of samples; a group is written "first video + videos: micro-batches". */
class MicroBatchesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|1|1|false|0+1:[[0]]",
        "1|2|1|false|0+1:[[0], [1]]",
        "1|2|5|false|0+1:[[0, 1]]",
        // Three videos with guidance: 0 and 3, 1 and 4, 2 and 5 belong together.
        "3|6|1|false|0+1:[[0], [3]] 1+1:[[1], [4]] 2+1:[[2], [5]]",
        "3|6|2|false|0+1:[[0, 3]] 1+1:[[1, 4]] 2+1:[[2, 5]]",
        "3|6|3|false|0+1:[[0, 3]] 1+1:[[1, 4]] 2+1:[[2, 5]]",
        "3|6|4|false|0+2:[[0, 3, 1, 4]] 2+1:[[2, 5]]",
        "3|6|6|false|0+3:[[0, 3, 1, 4, 2, 5]]",
        // Without guidance.
        "3|3|2|false|0+2:[[0, 1]] 2+1:[[2]]",
        // Block by block, the features of all videos are there at the same time.
        "3|6|1|true|0+3:[[0], [3], [1], [4], [2], [5]]",
        "3|6|4|true|0+3:[[0, 3, 1, 4], [2, 5]]"
      })
  void samplesOfAVideoStayTogether(
      int videos, int samples, int size, boolean blockByBlock, String expected) {
    MicroBatches microBatches = new MicroBatches(videos, samples, size, blockByBlock);
    assertThat(
            microBatches.groups().stream()
                .map(
                    group -> group.firstVideo() + "+" + group.videos() + ":" + group.microBatches())
                .collect(Collectors.joining(" ")))
        .isEqualTo(expected);
    long all = microBatches.groups().stream().mapToLong(g -> g.microBatches().size()).sum();
    assertThat(microBatches.count()).isEqualTo(all);
  }
}
