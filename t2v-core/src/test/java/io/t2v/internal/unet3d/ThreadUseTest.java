package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.math.LongMath;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.nn.Chunks;
import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.nn.WinogradBands;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.CpuCaches;
import java.math.RoundingMode;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether chunks of layers leave threads idle, with the published network's layers and without
 * computing any of them.
 *
 * <p>The model is a simple one: an operation consists of equal pieces, which the threads take in
 * rounds, and in the last round some threads have none. Pieces are those of oneDNN's and libtorch's
 * kernels, rather too large: 64 × 64 elements of a product; 64 channels of 64 pixels of a row of a
 * convolution; of attention, one head of one sequence with some of its queries.
 */
class ThreadUseTest {
  private static final int[] CHANNELS = {320, 640, 1280, 1280};

  /** Layers of a level: two of the down path, three of the up path. */
  private static final int LAYERS = 5;

  private static final int HEAD_DIM = 64;
  private static final int PIECE = 64;
  private static final long MIB = 1 << 20;

  private enum Kind {
    CONVOLUTION,
    TEMPORAL_CONVOLUTION,
    ATTENTION_PROJECTION,
    ATTENTION,
    FEED_FORWARD
  }

  /** Products and sums that are computed, and those for which there would have been time. */
  private record Work(double done, double possible) {
    static final Work NONE = new Work(0, 0);

    Work plus(Work other) {
      return new Work(done + other.done, possible + other.possible);
    }

    double idle() {
      return 1 - done / possible;
    }
  }

  /**
   * With chunks for two cores, whatever the number of threads, 8 % of 64 threads would be idle.
   *
   * @param l3Mib cache that l3Cores share; the last two have too little for their threads
   */
  @ParameterizedTest
  @CsvSource({
    "16, 32, 32, 32, 8",
    "24, 40, 72, 32, 8",
    "16, 32, 32, 60, 32",
    "24, 40, 72, 60, 32",
    "16, 32, 32, 32, 64",
    "24, 40, 72, 32, 64"
  })
  void fewThreadsAreIdle(long frames, long height, long width, long l3Mib, int l3Cores) {
    CpuCaches caches = new CpuCaches(MIB, l3Mib * MIB, l3Cores);
    for (int threads : new int[] {1, 2, 4, 16, 32, 48, 64}) {
      Map<Kind, Work> work =
          new Step(compute(caches, threads), threads, frames).work(height, width);
      assertThat(work.values().stream().reduce(Work.NONE, Work::plus).idle())
          .as("of %s threads: %s", threads, work)
          .isLessThan(threads <= 16 ? 0.02 : 0.06);
    }
  }

  /** The largest are the two wide tensors of a gated layer. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 16, 64})
  void whatAnOperationReadsAndWritesFitsIntoTheCaches(int threads) {
    CpuCaches caches = new CpuCaches(MIB, 32 * MIB, 8);
    ComputeConfig compute = compute(caches, threads);
    long caching = caches.bytes(threads) / Float.BYTES;
    assertThat(8 * FeedForward.chunkElements(compute)).isLessThanOrEqualTo(caching);
    assertThat(2 * compute.chunk(TextAttention.CHUNK_ELEMENTS)).isLessThanOrEqualTo(caching);
    assertThat(4 * compute.chunk(SelfAttention.CHUNK_ELEMENTS) / 3).isLessThanOrEqualTo(caching);
    assertThat(WinogradBands.elements(compute) * 5 / 2).isLessThanOrEqualTo(caching);
  }

  private static ComputeConfig compute(CpuCaches caches, int threads) {
    return new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, caches.chunkScale(threads));
  }

  /** The layers of one step, without those that take less than a hundredth of it. */
  private record Step(ComputeConfig compute, int threads, long frames) {
    Map<Kind, Work> work(long height, long width) {
      Map<Kind, Work> work = new EnumMap<>(Kind.class);
      for (int level = 0; level < CHANNELS.length; level++) {
        long rows = height >> level;
        long columns = width >> level;
        long channels = CHANNELS[level];
        for (int layer = 0; layer < LAYERS; layer++) {
          // In the up path, features are joined to those of the down path.
          long in = layer < 2 ? channels : 2 * channels;
          add(work, Kind.CONVOLUTION, convolution(level, in, channels, rows, columns));
          add(work, Kind.CONVOLUTION, convolution(level, channels, channels, rows, columns));
          for (int i = 0; i < 4; i++) {
            add(work, Kind.TEMPORAL_CONVOLUTION, temporal(channels, rows * columns));
          }
          if (level < CHANNELS.length - 1) {
            addTransformers(work, channels, rows * columns);
          }
        }
      }
      return work;
    }

    private static void add(Map<Kind, Work> work, Kind kind, Work added) {
      work.merge(kind, added, Work::plus);
    }

    /** Three self-attentions, of which one is spatial; one to the text; two feed-forward layers. */
    private void addTransformers(Map<Kind, Work> work, long channels, long pixels) {
      long tokens = frames * pixels;
      Heads heads = new Heads(channels / HEAD_DIM, HEAD_DIM);
      long images = SelfAttention.sequencesAtOnce(compute, heads, pixels);
      long columns = SelfAttention.sequencesAtOnce(compute, heads, frames);
      add(work, Kind.ATTENTION_PROJECTION, projections(frames, images, pixels, channels));
      add(work, Kind.ATTENTION, attention(frames, images, pixels, pixels, channels));
      for (int i = 0; i < 2; i++) {
        add(work, Kind.ATTENTION_PROJECTION, projections(pixels, columns, frames, channels));
        add(work, Kind.ATTENTION, attention(pixels, columns, frames, frames, channels));
      }
      long textTokens = compute.chunk(TextAttention.CHUNK_ELEMENTS) / channels;
      add(work, Kind.ATTENTION_PROJECTION, products(tokens, textTokens, 1, channels, channels));
      add(work, Kind.ATTENTION_PROJECTION, products(tokens, textTokens, 1, channels, channels));
      long chunk = FeedForward.chunkElements(compute) / channels;
      for (int i = 0; i < 2; i++) {
        add(work, Kind.FEED_FORWARD, products(tokens, chunk, 1, channels, 4 * channels));
        add(work, Kind.FEED_FORWARD, products(tokens, chunk, 1, channels, 4 * channels));
        add(work, Kind.FEED_FORWARD, products(tokens, chunk, 1, 4 * channels, channels));
      }
    }

    private Work projections(long sequences, long most, long tokens, long channels) {
      return products(sequences, most, tokens, channels, 3 * channels)
          .plus(products(sequences, most, tokens, channels, channels));
    }

    /** Of [count · rows, in] with [in, out], some of the count at a time. */
    private Work products(long count, long most, long rows, long in, long out) {
      return chunks(
          count,
          most,
          chunk -> inPieces((double) chunk * rows * in * out, pieces(chunk * rows) * pieces(out)));
    }

    /** libtorch's fused kernel takes 256 queries at once of many, and 32 of few. */
    private Work attention(long count, long most, long queries, long keys, long channels) {
      long atOnce = queries >= 768 ? 256 : queries >= 192 ? 64 : 32;
      return chunks(
          count,
          most,
          chunk ->
              inPieces(
                  2.0 * chunk * queries * keys * channels,
                  chunk * (channels / HEAD_DIM) * ceil(queries, atOnce)));
    }

    private static Work chunks(long count, long most, LongFunction<Work> work) {
      Work[] sum = {Work.NONE};
      Chunks.forEach(count, most, (start, chunk) -> sum[0] = sum[0].plus(work.apply(chunk)));
      return sum[0];
    }

    /** The innermost level is one product, the others are filtered minimally. */
    private Work convolution(int level, long in, long out, long height, long width) {
      if (level == CHANNELS.length - 1) {
        long pixels = frames * height * width;
        return inPieces(9.0 * in * out * pixels, pieces(pixels) * pieces(out));
      }
      Work sum = Work.NONE;
      for (WinogradBands.Band band : WinogradBands.of(compute, frames, in, height, width)) {
        sum =
            sum.plus(
                inPieces(
                    18.0 * in * out * band.rows() * band.tiles(),
                    band.rows() * pieces(band.tiles()) * pieces(out)));
      }
      return sum;
    }

    private Work temporal(long channels, long pixels) {
      return inPieces(
          3.0 * channels * channels * frames * pixels, frames * pieces(pixels) * pieces(channels));
    }

    private Work inPieces(double work, long pieces) {
      return new Work(work, work * threads * ceil(pieces, threads) / pieces);
    }

    private static long pieces(long elements) {
      return ceil(elements, PIECE);
    }

    private static long ceil(long a, long b) {
      return LongMath.divide(a, b, RoundingMode.CEILING);
    }
  }
}
