package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The transforms of Winograd's minimal filtering F(4, 3): four neighbouring outputs of a filter
 * with three taps for six multiplications instead of twelve.
 *
 * <p>A filter is a product of polynomials, which is known from its values at six points: evaluate
 * filter and inputs at the points, multiply the pairs of values, and interpolate. Only these six
 * multiplications depend on both; the transforms are sums with constant factors.
 *
 * <p>The points are 0, ±√½, ±√2 and ∞, which keep all factors close to 1: the error in float32 is
 * about twice that of the direct filter, and less than half of what the paper's points 0, ±1, ±2
 * and ∞ give.
 *
 * @see <a href="https://arxiv.org/abs/1509.09308">Lavin and Gray, Fast Algorithms for Convolutional
 *     Neural Networks</a>
 */
final class WinogradTransform {
  static final int TAPS = 3;
  static final int OUTPUTS = 4;
  static final int POINTS = OUTPUTS + TAPS - 1;

  private static final double A = Math.sqrt(0.5);
  private static final double B = Math.sqrt(2);
  private static final double NORM = 1.0 / 3;

  /** How much of the bias goes to each point, so that every output gets all of it. */
  private static final double[] BIAS_SHARES = {-1, (1 + A) / 2, (1 - A) / 2, 0, 0, 0.5};

  private WinogradTransform() {}

  /**
   * Transforms a filter of three taps.
   *
   * @param taps of one shape
   * @param point 0 to 5
   * @param out the filter's value at the point, of the taps' shape; overwritten and returned
   */
  static Tensor kernel(Tensor[] taps, int point, Tensor out) {
    switch (point) {
      case 0 -> out.copy_(taps[0]);
      case 1 -> evaluate(taps, -NORM, A, out);
      case 2 -> evaluate(taps, -NORM, -A, out);
      case 3 -> evaluate(taps, NORM, B, out);
      case 4 -> evaluate(taps, NORM, -B, out);
      case 5 -> out.copy_(taps[2]);
      default -> throw new IndexOutOfBoundsException("point " + point);
    }
    return out;
  }

  /** Writes factor · (value of the filter at the point). */
  private static void evaluate(Tensor[] taps, double factor, double point, Tensor out) {
    into(out, taps[0], taps[1], point);
    out.add_(taps[2], new Scalar(point * point));
    out.mul_(new Scalar(factor));
  }

  /** Returns what to add to the product of a point so that every output has the bias. */
  static Tensor bias(Tensor bias, int point) {
    return bias.mul(new Scalar(BIAS_SHARES[point]));
  }

  /** Transforms six neighbouring inputs, and writes the six points; all are of one shape. */
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

  /** Transforms six products, which are overwritten, and writes the four outputs. */
  static void inverse(Tensor[] products, Tensor[] out) {
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
