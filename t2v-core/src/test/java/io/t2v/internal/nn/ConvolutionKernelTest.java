package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TorchRuntime;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way to compute a convolution of 3 × 3 against libtorch's, in double precision. */
class ConvolutionKernelTest {
  private static final int IN = 24;
  private static final int OUT = 40;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,1", "1,1,7", "3,4,4", "2,5,6", "2,8,8", "1,7,13", "5,6,9"})
  void winogradIsAConvolution(long batch, long height, long width) {
    for (long bandElements : new long[] {1, 2_000, 1 << 20}) {
      assertThat(
              error(
                  batch,
                  height,
                  width,
                  (weight, bias, memory, pool) ->
                      WinogradConv2d.pack(weight, bias, bandElements, memory, pool)))
          .as("bands of %s", bandElements)
          .isLessThan(2e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,1", "3,4,4", "1,7,13"})
  void im2colIsAConvolution(long batch, long height, long width) {
    assertThat(error(batch, height, width, Im2colConv2d::pack)).isLessThan(1e-6);
    for (long rows : new long[] {1, 7}) {
      assertThat(
              error(
                  batch,
                  height,
                  width,
                  (weight, bias, memory, pool) ->
                      Im2colConv2d.pack(weight, bias, rows * IN * 9, memory, pool)))
          .as("re-ordered %s rows at once", rows)
          .isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "3,4,4", "1,7,13"})
  void addsToASum(long batch, long height, long width) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      torch.manual_seed(3);
      Tensor x = image(batch, IN, height, width);
      ConvolutionKernel kernel =
          WinogradConv2d.pack(
              torch.randn(OUT, IN, 3, 3), torch.randn(OUT), 1 << 20, StagingMemory.none(), pool);
      Tensor sum = image(batch, OUT, height, width);
      Tensor expected = sum.add(kernel.forward(x));
      assertThat(torch.equal(kernel.addTo(sum, x), expected)).isTrue();
    }
  }

  /** Of the largest magnitude. */
  private static double error(long batch, long height, long width, Packer packer) {
    try (ComputeScope scope = ComputeScope.open(1);
        StagingMemory memory = new StagingMemory();
        NativePool pool = new NativePool()) {
      torch.manual_seed(batch + 10 * height + 100 * width);
      Tensor x = image(batch, IN, height, width);
      Tensor weight = torch.randn(OUT, IN, 3, 3);
      Tensor bias = torch.randn(OUT);
      Tensor expected =
          torch.conv2d(
              x.to(ScalarType.Double),
              weight.to(ScalarType.Double),
              new TensorOptional(bias.to(ScalarType.Double)),
              new long[] {1, 1},
              new long[] {1, 1},
              new long[] {1, 1},
              1);
      Tensor actual = packer.pack(weight, bias, memory, pool).forward(x);
      assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      return Errors.relative(actual, expected);
    }
  }

  private static Tensor image(long batch, long channels, long height, long width) {
    return torch.randn(batch, channels, height, width).contiguous(MemoryFormat.ChannelsLast);
  }

  private interface Packer {
    ConvolutionKernel pack(Tensor weight, Tensor bias, StagingMemory memory, NativePool pool);
  }
}
