package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formula of scaled dot-product attention, in double precision. */
class AttentionTest {
  private static final int HEADS = 3;
  private static final int HEAD_DIM = 4;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isTheSoftmaxOfTheScoresTimesTheValues(boolean masked) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      torch.manual_seed(8);
      Tensor query = torch.randn(2, 5, HEADS, HEAD_DIM).transpose(1, 2);
      Tensor key = torch.randn(2, 6, HEADS, HEAD_DIM).transpose(1, 2);
      Tensor value = torch.randn(2, 6, HEADS, HEAD_DIM).transpose(1, 2);
      float hidden = Float.NEGATIVE_INFINITY;
      Tensor mask = HostTensors.of(new float[] {0, 1, hidden, -1, 0, hidden}, 1, 1, 1, 6);

      Tensor expected = expected(query, key, value, masked ? mask : null);
      Tensor actual = Attention.attend(query, key, value, masked ? mask.expand(1, 1, 5, 6) : null);
      assertThat(HostTensors.shape(actual)).containsExactly(2, HEADS, 5, HEAD_DIM);
      assertThat(Errors.relative(actual, expected)).isLessThan(1e-6);
    }
  }

  /** Frames of each pixel, as projections of their own give them. */
  @Test
  void byProductsCopiesNothingAndIsTheSame() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      torch.manual_seed(9);
      int frames = 4;
      Tensor query = torch.randn(frames, 7, HEADS, HEAD_DIM).permute(1, 2, 0, 3);
      Tensor key = torch.randn(frames, 7, HEADS, HEAD_DIM).permute(1, 2, 0, 3);
      Tensor value = torch.randn(frames, 7, HEADS, HEAD_DIM).permute(1, 2, 0, 3);
      Tensor actual = Attention.attendByProducts(query, key, value);
      assertThat(HostTensors.shape(actual)).containsExactly(7, HEADS, frames, HEAD_DIM);
      assertThat(Errors.relative(actual, expected(query, key, value, null))).isLessThan(1e-6);
      assertThat(actual.permute(2, 0, 1, 3).is_contiguous()).isTrue();
      assertThat(query.reshape(7 * HEADS, frames, HEAD_DIM).data_ptr()).isEqualTo(query.data_ptr());
    }
  }

  private static Tensor expected(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
    Tensor scores =
        query
            .to(ScalarType.Double)
            .matmul(key.to(ScalarType.Double).transpose(2, 3))
            .mul(new Scalar(1 / Math.sqrt(HEAD_DIM)));
    Tensor masked = mask == null ? scores : scores.add(mask.to(ScalarType.Double));
    Tensor weights = masked.exp();
    Tensor sums = weights.matmul(torch.ones(key.size(2), 1).to(ScalarType.Double));
    return weights.div(sums).matmul(value.to(ScalarType.Double));
  }
}
