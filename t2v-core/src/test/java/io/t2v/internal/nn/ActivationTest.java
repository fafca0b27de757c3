package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** The values of torch.nn.functional's functions at 1 and -2; quick_gelu's by its formula. */
  @ParameterizedTest
  @CsvSource({
    "silu, SILU, 0.73105858, -0.23840584",
    "swish, SILU, 0.73105858, -0.23840584",
    "gelu, GELU, 0.84134475, -0.04550026",
    "quick_gelu, QUICK_GELU, 0.84579577, -0.06434137",
    "mish, MISH, 0.86509839, -0.25250148",
    "relu, RELU, 1, 0"
  })
  void byTheReferencesNames(String name, Activation expected, float atOne, float atMinusTwo) {
    Activation activation =
        Activation.read(JsonConfig.of("test", Map.of("act_fn", name)), "act_fn", "relu");
    assertThat(activation).isEqualTo(expected);
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor x = HostTensors.of(new float[] {1, -2}, 2);
      assertThat(activation.applyInPlace(x)).isSameAs(x);
      assertThat(HostTensors.toFloats(x))
          .containsExactly(new float[] {atOne, atMinusTwo}, within(1e-6f));
    }
  }

  @Test
  void hasADefaultAndRefusesOtherNames() {
    assertThat(Activation.read(JsonConfig.of("test", Map.of()), "act_fn", "mish"))
        .isEqualTo(Activation.MISH);
    assertThatThrownBy(
            () ->
                Activation.read(
                    JsonConfig.of("test", Map.of("act_fn", "softsign")), "act_fn", "mish"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("act_fn", "softsign", "silu", "quick_gelu");
  }
}
