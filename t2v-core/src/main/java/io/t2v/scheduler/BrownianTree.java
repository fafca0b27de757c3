package io.t2v.scheduler;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A Brownian motion whose increments depend on a seed alone, not on the order in which they are
 * asked for: intervals are halved down to a millionth, and each half draws from a seed of its own.
 * The algorithm of torchsde's BrownianInterval with a halfway tree.
 *
 * <p>Noise is drawn on the CPU, so that it is the same for every device. Holds no tensors.
 */
final class BrownianTree {
  private static final int POOL_SIZE = 24;
  private static final int DECIMALS = 6;

  private final long seed;
  private final double start;
  private final double end;

  BrownianTree(long seed, double start, double end) {
    this.seed = seed;
    this.start = rounded(start);
    this.end = rounded(end);
  }

  /**
   * Draws the increment between two times, divided by its standard deviation.
   *
   * @param like gives shape, dtype and device
   * @param from a time
   * @param to another time
   * @return standard Gaussian noise
   */
  Tensor noise(Tensor like, float from, float to) {
    float low = Math.min(from, to);
    float high = Math.max(from, to);
    Tensor whole = drawn(like, new SeedSequence(seed, POOL_SIZE), Math.sqrt(end - start));
    Interval all = new Interval(start, end, 0, 0);
    Tensor increment = increment(all, whole, inside(low), inside(high));
    float sign = from < to ? 1 : -1;
    return increment
        .mul(new Scalar(sign / Math.sqrt(high - low)))
        .to(like.device(), like.scalar_type());
  }

  private double inside(double time) {
    return rounded(Math.min(Math.max(time, start), end));
  }

  private record Interval(double start, double end, long key, long depth) {}

  private Tensor increment(Interval interval, Tensor whole, double from, double to) {
    if (from == interval.start && to == interval.end) {
      return whole;
    }
    if (from == to) {
      return whole.mul(new Scalar(0.0));
    }
    double middle = rounded(0.5 * (interval.end + interval.start));
    double leftShare = (middle - interval.start) / (interval.end - interval.start);
    double variance = leftShare * (interval.end - middle);
    Tensor left =
        drawn(
                whole,
                new SeedSequence(seed, POOL_SIZE, interval.key, interval.depth),
                Math.sqrt(variance))
            .add_(whole, new Scalar(leftShare));
    Interval first = new Interval(interval.start, middle, 2 * interval.key, interval.depth + 1);
    Interval second = new Interval(middle, interval.end, 2 * interval.key + 1, interval.depth + 1);
    if (to <= middle) {
      return increment(first, left, from, to);
    }
    Tensor right = whole.sub(left);
    if (from >= middle) {
      return increment(second, right, from, to);
    }
    return increment(first, left, from, middle).add(increment(second, right, middle, to));
  }

  private static Tensor drawn(Tensor like, SeedSequence sequence, double scale) {
    Generator generator = torch.make_generator_cpu(sequence.firstState());
    return torch.randn(like.shape(), new GeneratorOptional(generator)).mul_(new Scalar(scale));
  }

  private static double rounded(double time) {
    return new BigDecimal(time).setScale(DECIMALS, RoundingMode.HALF_EVEN).doubleValue();
  }
}
