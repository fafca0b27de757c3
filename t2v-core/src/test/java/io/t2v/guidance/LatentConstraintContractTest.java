package io.t2v.guidance;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.LatentConstraintContract;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Mistake;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class LatentConstraintContractTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** A constraint of a single method, whose runs are all the same. */
  private record Constraint(LatentConstraintRun newRun) implements LatentConstraint {
    @Override
    public String name() {
      return "MyConstraint";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }
  }

  private static Runnable check(LatentConstraintRun run) {
    return LatentConstraintContract.of(new Constraint(run))::check;
  }

  @Test
  void passesWhatChangesNothingAndWhatDoes() {
    check((latents, index, plan, noise) -> latents).run();
    check(
            (latents, index, plan, noise) ->
                GuidanceRun.scoped(() -> latents.add(noise.randnLike(latents))))
        .run();
  }

  @ParameterizedTest
  @EnumSource
  void finds(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        check((latents, index, plan, noise) -> author.apply(latents, latents.mul(new Scalar(2)))));
  }

  @Test
  void findsNothingAfterTheLastStep() {
    assertBroken(
        check((latents, index, plan, noise) -> index == plan.timesteps().length ? null : latents),
        "returns null from constrain");
  }
}
