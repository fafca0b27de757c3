package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What careless authors of plug-ins do, and what a contract says of it. */
public enum Mistake {
  RETURNS_NULL("returns null from") {
    @Override
    @SuppressWarnings("NullAway") // what a careless author does
    Tensor result(Tensor argument, Tensor right, int calls) {
      return null;
    }
  },
  RETURNS_ANOTHER_SHAPE("returns the shape [") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      return right.narrow(right.dim() - 1, 0, 1);
    }
  },
  RETURNS_ANOTHER_DTYPE("returns the dtype Double from") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      return right.to(ScalarType.Double);
    }
  },
  CHANGES_ITS_ARGUMENT("changes a tensor that it is given, in call 0") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      Tensor result = right.clone();
      argument.add_(new Scalar(1));
      return result;
    }
  },
  LEAKS("leaves native objects behind") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      right.clone().retainReference();
      return right;
    }
  },
  SHARES_STATE_BETWEEN_RUNS("gives another result for the same arguments in a second run") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      return right.add(new Scalar(calls));
    }
  },
  DRAWS_NUMBERS_OF_ITS_OWN("gives another result for the same arguments in a second run") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      return right.add(torch.randn_like(right));
    }
  },
  MIXES_THE_BATCH("mixes up the ") {
    @Override
    Tensor result(Tensor argument, Tensor right, int calls) {
      return right.sub(right.mean());
    }
  };

  private final String problem;

  Mistake(String problem) {
    this.problem = problem;
  }

  abstract Tensor result(Tensor argument, Tensor right, int calls);

  /** A function of an argument and the right result that returns a wrong one. */
  public BinaryOperator<Tensor> author() {
    AtomicInteger calls = new AtomicInteger();
    return (argument, right) -> result(argument, right, calls.getAndIncrement());
  }

  /** Asserts that a contract finds this mistake. */
  public void assertFound(Runnable check) {
    assertBroken(check, problem);
  }

  /** Asserts that a contract finds a rule broken. */
  public static void assertBroken(Runnable check, String problem) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(check::run)
        .withMessageContaining(" " + problem);
  }
}
