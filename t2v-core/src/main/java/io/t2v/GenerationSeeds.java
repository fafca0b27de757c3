package io.t2v;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/** Seeds of the videos of a request. */
final class GenerationSeeds {
  private static final long BOUND = 1L << 32;

  private GenerationSeeds() {}

  /** Draws one for each video, of 32 bits. */
  static List<Long> draw(int videos) {
    return LongStream.generate(() -> ThreadLocalRandom.current().nextLong(BOUND))
        .limit(videos)
        .boxed()
        .collect(ImmutableList.toImmutableList());
  }

  /** Repeats the only one for each video; of none or several, returns them. */
  static List<Long> ofEach(List<Long> seeds, int videos) {
    return seeds.size() == 1 ? Collections.nCopies(videos, seeds.get(0)) : seeds;
  }
}
