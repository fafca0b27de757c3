package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GuidanceAgreementTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** Two videos of two numbers each: (1, 0) and (1, 1) are at 45 degrees, with cosine 0.707. */
  @Test
  void eachVideoHasItsOwnEnd() {
    GuidanceAgreement agreement = new GuidanceAgreement(0.7, 2);
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor positive = numbers(1, 1, 1, 1);
      Tensor oneAgrees = numbers(1, 0, -1, 0);
      assertThat(applied(agreement, oneAgrees, positive)).containsExactly(9, 9, 9, 9);
      assertThat(agreement.isComplete()).isFalse();
      assertThat(applied(agreement, oneAgrees, positive)).containsExactly(1, 1, 9, 9);
      assertThat(agreement.isComplete()).isFalse();
      assertThat(applied(agreement, positive, positive)).containsExactly(1, 1, 9, 9);
      assertThat(agreement.isComplete()).isTrue();
    }
  }

  /** Once it has ended, guidance does not come back, whatever the predictions. */
  @Test
  void anEndIsAnEnd() {
    GuidanceAgreement agreement = new GuidanceAgreement(0.7, 1);
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor positive = HostTensors.of(new float[] {1, 1}, 1, 2, 1, 1, 1);
      agreement.applyTo(positive.clone(), positive, positive);
      agreement.applyTo(positive.clone(), positive.neg(), positive);
      assertThat(agreement.isComplete()).isTrue();
    }
  }

  private static float[] applied(GuidanceAgreement agreement, Tensor negative, Tensor positive) {
    return HostTensors.toFloats(agreement.applyTo(numbers(9, 9, 9, 9), negative, positive));
  }

  private static Tensor numbers(float... values) {
    return HostTensors.of(values, 2, 2, 1, 1, 1);
  }
}
