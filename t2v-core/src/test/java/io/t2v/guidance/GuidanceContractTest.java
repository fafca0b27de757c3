package io.t2v.guidance;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.GuidanceContract;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Mistake;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class GuidanceContractTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** A guidance of a single method. */
  private record Named(String name, Supplier<GuidanceRun> runs) implements Guidance {
    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public GuidanceRun newRun() {
      return runs.get();
    }
  }

  /** Remembers a running mean of the direction: what APG calls a momentum. */
  private static final class Momentum implements GuidanceRun {
    private @Nullable Tensor average;

    @Override
    public Tensor combine(Tensor negative, Tensor positive, GuidanceStep step) {
      return GuidanceRun.scoped(
          () -> {
            Tensor direction = positive.sub(negative);
            Tensor before = average;
            if (before != null) {
              direction = direction.sub(before.mul(new Scalar(0.5)));
              before.close();
            }
            average = direction.retainReference();
            return positive.add(direction, new Scalar(3.0));
          });
    }

    @Override
    public void close() {
      if (average != null) {
        average.close();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"9, 0, 0, 1", "9, 0.7, 0, 1", "9, 0.7, 0.3, 0.9"})
  void classifierFreeGuidanceKeepsTheContract(
      double scale, double rescale, double start, double stop) {
    GuidanceContract.of(new ClassifierFreeGuidance(scale, rescale, start, stop)).check();
  }

  @Test
  void aGuidanceWithMemoryKeepsTheContract() {
    GuidanceContract.of(new Named("Momentum", Momentum::new)).check();
  }

  @ParameterizedTest
  @EnumSource
  void finds(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    GuidanceRun run = (negative, positive, step) -> author.apply(positive, negative.add(positive));
    mistake.assertFound(GuidanceContract.of(new Named("MyGuidance", () -> run))::check);
  }

  @Test
  void findsAnArgumentAsTheResult() {
    GuidanceRun run = (negative, positive, step) -> positive;
    assertBroken(
        GuidanceContract.of(new Named("MyGuidance", () -> run))::check,
        "returns its argument from combine");
  }

  @Test
  void findsALeakWhereTheCallerHasNoScope() {
    GuidanceRun run =
        (negative, positive, step) -> positive.sub(negative).mul(new Scalar(9)).add(negative);
    assertBroken(
        GuidanceContract.of(new Named("MyGuidance", () -> run))::check,
        "leaves native objects behind where the caller has no scope but closes what it gets");
  }

  @Test
  void findsThatNoRunIsStarted() {
    assertBroken(
        GuidanceContract.of(new Named("MyGuidance", () -> null))::check,
        "returns null from newRun");
  }

  @Test
  void findsABlankName() {
    assertBroken(GuidanceContract.of(new Named("", Momentum::new))::check, "has a blank name");
  }
}
