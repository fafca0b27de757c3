package io.t2v.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weighted sum of tensors: w₀ · t₀ + w₁ · t₁ + …
 *
 * <p>Almost everything that a solver computes is one, mostly of the latents and the model's output.
 * Weights of the same tensor are added up as numbers, so that {@link #tensor()} touches each tensor
 * once, with one kernel per term and one result tensor. Immutable.
 */
final class LinearCombination {
  private final List<Term> terms;

  private record Term(double weight, Tensor tensor) {
    @SuppressWarnings("ReferenceEquality") // tensors have no equality of values
    boolean isOf(Tensor other) {
      return tensor == other;
    }
  }

  private LinearCombination(List<Term> terms) {
    this.terms = terms;
  }

  static LinearCombination of(double weight, Tensor tensor) {
    return new LinearCombination(List.of(new Term(weight, tensor)));
  }

  static LinearCombination of(Tensor tensor) {
    return of(1, tensor);
  }

  LinearCombination times(double factor) {
    return new LinearCombination(
        terms.stream().map(term -> new Term(factor * term.weight, term.tensor)).toList());
  }

  LinearCombination plus(double weight, Tensor tensor) {
    List<Term> sum = new ArrayList<>(terms);
    for (int i = 0; i < sum.size(); i++) {
      Term term = sum.get(i);
      if (term.isOf(tensor)) {
        sum.set(i, new Term(term.weight + weight, tensor));
        return new LinearCombination(sum);
      }
    }
    sum.add(new Term(weight, tensor));
    return new LinearCombination(sum);
  }

  LinearCombination plus(LinearCombination other) {
    LinearCombination sum = this;
    for (Term term : other.terms) {
      sum = sum.plus(term.weight, term.tensor);
    }
    return sum;
  }

  LinearCombination minus(LinearCombination other) {
    return plus(other.times(-1));
  }

  /**
   * Computes the sum, in the order of the terms. Half precision is added up in single precision.
   *
   * @return a new tensor, also where there is one term of weight 1
   */
  Tensor tensor() {
    List<Term> present = terms.stream().filter(term -> term.weight != 0).toList();
    if (present.isEmpty()) {
      return scaled(terms.get(0));
    }
    Tensor total = scaled(present.get(0));
    for (Term term : present.subList(1, present.size())) {
      total.add_(term.tensor, new Scalar(term.weight));
    }
    return total;
  }

  private static Tensor scaled(Term term) {
    ScalarType type = term.tensor.scalar_type().intern();
    boolean half = type == ScalarType.Half || type == ScalarType.BFloat16;
    return half
        ? term.tensor.to(ScalarType.Float).mul_(new Scalar(term.weight))
        : term.tensor.mul(new Scalar(term.weight));
  }
}
