package io.t2v.offload;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.OffloadPolicyContract;
import io.t2v.internal.torch.TorchRuntime;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class OffloadPolicyContractTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  private static Runnable check(OffloadPolicy policy) {
    return OffloadPolicyContract.of(policy)::check;
  }

  /** A policy that does something when weights move, and may answer by it. */
  private abstract static class Listening implements OffloadPolicy {
    @Override
    public Residency residency(Component component) {
      return Residency.KEPT;
    }
  }

  @ParameterizedTest
  @EnumSource
  void passesThePoliciesOfTheLibrary(BuiltInPolicy policy) {
    check(policy).run();
  }

  @Test
  void findsANetworkWithoutResidency() {
    assertBroken(
        check(component -> component == Component.VAE_ENCODER ? null : Residency.KEPT),
        "returns null from residency(VAE_ENCODER)");
  }

  @Test
  void findsANetworkThatIsNotKnown() {
    assertBroken(
        check(
            component -> {
              throw new UnsupportedOperationException(component.name());
            }),
        "fails in residency(TEXT_ENCODER)");
  }

  @Test
  void findsAChangeOfMind() {
    AtomicInteger calls = new AtomicInteger();
    assertBroken(
        check(component -> Residency.values()[calls.getAndIncrement() % 3]),
        "changes the residency of a network");
  }

  @Test
  void findsAnAnswerForOneThreadAlone() {
    Thread own = Thread.currentThread();
    assertBroken(
        check(component -> Thread.currentThread() == own ? Residency.KEPT : Residency.WHILE_USED),
        "tells another thread another residency");
  }

  @Test
  void findsAnAnswerThatDependsOnWhatHasMoved() {
    assertBroken(
        check(
            new Listening() {
              private int moves;

              @Override
              public Residency residency(Component component) {
                return moves > 2 ? Residency.WHILE_USED : Residency.KEPT;
              }

              @Override
              public void onResidencyChange(ResidencyEvent event) {
                moves++;
              }
            }),
        "changes the residency of a network when weights move");
  }

  @Test
  void findsAFailureWhenWeightsMove() {
    assertBroken(
        check(
            new Listening() {
              @Override
              public void onResidencyChange(ResidencyEvent event) {
                throw new IllegalStateException(event.part());
              }
            }),
        "fails when it is told that weights were LOADED");
  }

  @Test
  void findsALeakWhenWeightsMove() {
    assertBroken(
        check(
            new Listening() {
              @Override
              public void onResidencyChange(ResidencyEvent event) {
                new Scalar(1).retainReference();
              }
            }),
        "leaves native objects behind when weights move");
  }
}
