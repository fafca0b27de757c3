package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Winograd's minimal filtering F(4, 3): four neighbouring outputs of a filter with three taps, for
 * six products instead of twelve.
 *
 * <p>Six inputs are turned into six points, each point is multiplied by a kernel of its own, and
 * the six products are turned into four outputs. With the points 0, ±√½, ±√2 and ∞, all factors are
 * close to 1: in float32 the error is about twice that of twelve products, less than half of what
 * the usual points 0, ±1, ±2 and ∞ give.
 *
 * @see <a href="https://arxiv.org/abs/1509.09308">Fast Algorithms for Convolutional Neural
 *     Networks</a>
 */
final class WinogradTransform {
  static final int TAPS = 3;
  static final int OUTPUTS = 4;
  static final int POINTS = OUTPUTS + TAPS - 1;

  private static final double A = Math.sqrt(0.5);
  private static final double B = Math.sqrt(2);
  private static final double SHARE = 1.0 / 3;
  private static final double[] BIAS_SHARES = {-1, (1 + A) / 2, (1 - A) / 2, 0, 0, 0.5};

  private WinogradTransform() {}

  /**
   * Turns a filter into the kernels of the points. They share one block of memory, which leaves no
   * holes between what is packed from them.
   *
   * @param taps the filter's three, of any one shape
   * @return [points, ...] of that shape
   */
  static Tensor kernels(Tensor[] taps) {
    try (TensorScope scope = TensorScope.open()) {
      long[] shape = LongStream.concat(LongStream.of(POINTS), sizes(taps[0])).toArray();
      Tensor kernels = torch.empty(shape, taps[0].options(), new MemoryFormatOptional());
      kernels.select(0, 0).copy_(taps[0]);
      sum(taps, -SHARE, A, kernels.select(0, 1));
      sum(taps, -SHARE, -A, kernels.select(0, 2));
      sum(taps, SHARE, B, kernels.select(0, 3));
      sum(taps, SHARE, -B, kernels.select(0, 4));
      kernels.select(0, 5).copy_(taps[2]);
      return scope.keep(kernels);
    }
  }

  private static LongStream sizes(Tensor x) {
    return LongStream.range(0, x.dim()).map(x::size);
  }

  private static void sum(Tensor[] taps, double factor, double at, Tensor out) {
    into(out, taps[0], taps[1], at);
    out.add_(taps[2], new Scalar(at * at));
    out.mul_(new Scalar(factor));
  }

  /**
   * Spreads what is to be added to every output over the products of the points.
   *
   * @param bias of any shape
   * @param point from 0
   * @return what to add to the point's product, a new tensor of that shape
   */
  static Tensor bias(Tensor bias, int point) {
    return bias.mul(new Scalar(BIAS_SHARES[point]));
  }

  /**
   * Turns inputs into points.
   *
   * @param in six neighbours, of one shape
   * @param points where to write the six points, of that shape
   */
  static void transform(Tensor[] in, Tensor[] points) {
    try (TensorScope scope = TensorScope.open()) {
      into(points[0], in[4], in[2], -2.5).add_(in[0]);
      into(points[5], in[5], in[3], -2.5).add_(in[1]);
      Tensor even = torch.sub(in[4], in[2], new Scalar(2));
      Tensor odd = torch.sub(in[3], in[1], new Scalar(2));
      into(points[1], even, odd, A);
      into(points[2], even, odd, -A);
      into(even, in[4], in[2], -0.5);
      into(odd, in[3], in[1], -0.5);
      into(points[3], even, odd, B);
      into(points[4], even, odd, -B);
    }
  }

  /**
   * Turns products into outputs.
   *
   * @param products one for each point; overwritten
   * @param out where to write the four outputs
   */
  static void combine(Tensor[] products, Tensor[] out) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor evenA = products[1].add(products[2]);
      Tensor oddA = products[1].sub_(products[2]);
      Tensor evenB = products[3].add(products[4]);
      Tensor oddB = products[3].sub_(products[4]);
      into(out[0], products[0].add_(evenA, new Scalar(2)), evenB, 0.5);
      into(out[2], evenA, evenB, 1);
      into(out[3], products[5].add_(oddA, new Scalar(A)), oddB, B);
      into(out[1], oddA.mul_(new Scalar(1 / A)), oddB, 1 / B);
    }
  }

  /** out = first + factor · second; returns out. */
  private static Tensor into(Tensor out, Tensor first, Tensor second, double factor) {
    torch.add_out(out, first, second, new Scalar(factor));
    return out;
  }
}
