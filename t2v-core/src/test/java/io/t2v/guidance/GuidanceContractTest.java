package io.t2v.guidance;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.guidance.contract.GuidanceContract;
import io.t2v.internal.torch.TorchRuntime;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class GuidanceContractTest {
  private static final Scalar SCALE = new Scalar(3.0).retainReference();

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

  private static Named of(GuidanceRun run) {
    return new Named("MyGuidance", () -> run);
  }

  private static Tensor guided(Tensor negative, Tensor positive) {
    return GuidanceRun.scoped(() -> negative.add(positive.sub(negative).mul_(SCALE)));
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
            return positive.add(direction, SCALE);
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

  @Test
  void findsANullResult() {
    assertBroken(of((negative, positive, step) -> nothing()), "returns null");
  }

  @SuppressWarnings("NullAway") // what a careless author does
  private static Tensor nothing() {
    return null;
  }

  @Test
  void findsAnotherShape() {
    assertBroken(
        of((negative, positive, step) -> guided(negative, positive).flatten()),
        "returns the shape [256], expected [2, 4, 2, 4, 4]");
  }

  @Test
  void findsAnArgumentAsTheResult() {
    assertBroken(of((negative, positive, step) -> positive), "returns one of its arguments");
  }

  @Test
  void findsAChangeInPlace() {
    assertBroken(
        of(
            (negative, positive, step) ->
                GuidanceRun.scoped(() -> new Tensor(positive.sub_(negative)).mul(SCALE))),
        "changes the predictions that it is given in step 0");
  }

  @Test
  void findsALeak() {
    assertBroken(
        of(
            (negative, positive, step) -> {
              positive.sub(negative).retainReference();
              return guided(negative, positive);
            }),
        "leaves native objects behind");
  }

  @Test
  void findsStateThatRunsShare() {
    int[] steps = {0};
    assertBroken(
        of(
            (negative, positive, step) -> {
              double scale = 1.0 + steps[0]++;
              return GuidanceRun.scoped(() -> negative.add(positive, new Scalar(scale)));
            }),
        "gives another result in a second run");
  }

  @Test
  void findsVideosThatMix() {
    assertBroken(
        of(
            (negative, positive, step) ->
                GuidanceRun.scoped(() -> positive.div(positive.norm()).add(negative))),
        "mixes up the videos of a batch");
  }

  private static void assertBroken(Guidance guidance, String problem) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(GuidanceContract.of(guidance)::check)
        .withMessageContaining("MyGuidance " + problem);
  }
}
