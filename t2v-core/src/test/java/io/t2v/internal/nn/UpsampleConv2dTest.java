package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the enlarged image and libtorch's convolution, in double precision. */
class UpsampleConv2dTest {
  private static final int CHANNELS = 24;

  @TempDir static Path folder;

  private static LayerWeights layers;

  @AfterAll
  static void close() {
    layers.close();
  }

  @BeforeAll
  static void write() throws IOException {
    TorchRuntime.load();
    layers =
        LayerWeights.write(
            folder,
            Map.of("weight", new long[] {CHANNELS, CHANNELS, 3, 3}, "bias", new long[] {CHANNELS}));
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,2,2",
    "1,1,1,1,1",
    "2,3,4,6,8",
    "2,3,4,5,8",
    "2,3,4,6,7",
    "3,5,5,9,9",
    "1,8,3,16,6"
  })
  void enlargesAndConvolves(long batch, long height, long width, long outHeight, long outWidth) {
    for (long bandElements : new long[] {1, 300, 1 << 20}) {
      try (ComputeScope scope = ComputeScope.open(1);
          NativePool pool = new NativePool()) {
        torch.manual_seed(height + 10 * width);
        Tensor x = torch.randn(batch, CHANNELS, height, width);
        Weights weights = layers.packed(pool);
        Tensor large =
            torch
                .upsample_nearest2d(x, 2 * height, 2 * width)
                .narrow(2, 0, outHeight)
                .narrow(3, 0, outWidth);
        Tensor actual =
            DifferenceUpsample.load(weights, CHANNELS, bandElements)
                .forward(x, outHeight, outWidth);
        assertThat(Errors.relative(actual, conv2d(large, weights)))
            .as("bands of %s", bandElements)
            .isLessThan(2e-6);
      }
    }
  }

  @Test
  void refusesOtherSizes() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      UpsampleConv2d layer = UpsampleConv2d.doubling(layers.packed(pool), CHANNELS);
      Tensor x = torch.randn(1, CHANNELS, 4, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> layer.forward(x, 9, 8))
          .withMessage("4 x 4 cannot be enlarged to 9 x 8");
    }
  }

  @ParameterizedTest
  @EnumSource(Weights.Form.class)
  void enlargesToAnySize(Weights.Form form) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.of(form, pool);
      Tensor x = torch.randn(2, CHANNELS, 3, 4);
      Tensor expected = conv2d(torch.upsample_nearest2d(x, 5, 9), weights);
      Tensor actual = UpsampleConv2d.toAnySize(weights, CHANNELS).forward(x, 5, 9);
      assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      assertThat(Errors.relative(actual, expected)).isLessThan(1e-6);
    }
  }

  @Test
  void doublingOnlyAvoidsTheLargeImageOnACpu() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights gpu = layers.meta(ComputeConfig.on(ComputeDevice.cuda(0), Precision.FLOAT16), pool);
      assertThat(UpsampleConv2d.doubling(gpu, CHANNELS)).isNotInstanceOf(DifferenceUpsample.class);
      assertThat(UpsampleConv2d.doubling(layers.packed(pool), CHANNELS))
          .isInstanceOf(DifferenceUpsample.class);
    }
  }

  private static Tensor conv2d(Tensor x, Weights weights) {
    return torch.conv2d(
        x.to(ScalarType.Double),
        weights.raw("weight", CHANNELS, CHANNELS, 3, 3).to(ScalarType.Double),
        new TensorOptional(weights.raw("bias", CHANNELS).to(ScalarType.Double)),
        new long[] {1, 1},
        new long[] {1, 1},
        new long[] {1, 1},
        1);
  }
}
