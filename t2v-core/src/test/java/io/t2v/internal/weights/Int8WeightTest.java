package io.t2v.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class Int8WeightTest {
  @Test
  void everyWeightIsWithinHalfAStepOfItsChannel() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      torch.manual_seed(1);
      Tensor weight = torch.randn(6, 5, 3, 3);
      for (int channel = 0; channel < 6; channel++) {
        weight.select(0, channel).mul_(new Scalar(Math.pow(10, channel - 3)));
      }
      Tensor widened = Int8Weight.of(weight, pool).widened();
      for (int channel = 0; channel < 6; channel++) {
        double largest = weight.select(0, channel).abs().max().item_double();
        double off =
            widened.select(0, channel).sub(weight.select(0, channel)).abs().max().item_double();
        assertThat(off / largest).isBetween(1e-4, 1 / 254.0 * 1.0001);
      }
    }
  }

  @Test
  void takesAByteForEachWeight() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Int8Weight unused = Int8Weight.of(torch.randn(10, 100), pool);
      assertThat(pool.bytes()).isEqualTo(10 * 100 + 10 * Float.BYTES);
    }
  }

  @Test
  void keepsZerosAndTheLargestOfAChannel() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Tensor weight = torch.zeros(2, 3);
      weight.select(0, 1).select(0, 2).fill_(new Scalar(-2.5));
      assertThat(torch.equal(Int8Weight.of(weight, pool).widened(), weight)).isTrue();
    }
  }
}
