package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both normalisations, with an epsilon small and large beside the variance. */
class NormTest {
  private static final int CHANNELS = 12;

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
            folder, Map.of("weight", new long[] {CHANNELS}, "bias", new long[] {CHANNELS}));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 0.5})
  void overGroupsOfChannels(double epsilon) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool);
      Tensor x = torch.randn(2, CHANNELS, 3, 5).contiguous(MemoryFormat.ChannelsLast);
      Tensor actual = GroupNorm.load(weights, CHANNELS, 4, epsilon).forward(x);
      assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      assertThat(Errors.relative(actual, Norms.groupNorm(x, weights, 4, epsilon))).isLessThan(1e-6);
    }
  }

  /**
   * Images, and the columns of a clip. In 16 bits the bound is the rounding of the result, once,
   * and that of the mean, at which all features are off by as much.
   */
  @ParameterizedTest
  @CsvSource({"FLOAT32, 1e-6", "FLOAT16, 1e-3", "BFLOAT16, 8e-3"})
  void overGroupsOfChannelsOnAGpu(Precision precision, double error) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool);
      ScalarType type = ComputeConfig.on(ComputeDevice.cuda(0), precision).type();
      torch.manual_seed(3);
      Tensor features = torch.randn(2, 6, 35, CHANNELS).mul(new Scalar(2)).add(new Scalar(0.5));
      Tensor x = features.to(type).permute(0, 3, 1, 2);
      Tensor actual = channelsLast(weights, 1e-5).forward(x);
      assertThat(actual.scalar_type().intern()).isEqualTo(type);
      assertThat(HostTensors.shape(actual)).containsExactly(2, CHANNELS, 6, 35);
      assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      assertThat(actual.is_contiguous()).isFalse();
      assertThat(Errors.relative(actual, Norms.groupNorm(x, weights, 4, 1e-5))).isLessThan(error);
    }
  }

  /** Deviations whose squares are beyond float16's largest number, and below its smallest. */
  @ParameterizedTest
  @ValueSource(doubles = {1000, 0.01})
  void deviationsOfAnySizeFitIntoFloat16(double deviation) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool);
      torch.manual_seed(3);
      Tensor x = torch.randn(1, 8, 8, CHANNELS).mul(new Scalar(deviation)).to(ScalarType.Half);
      Tensor images = x.permute(0, 3, 1, 2);
      Tensor actual = channelsLast(weights, 1e-6).forward(images);
      assertThat(Errors.relative(actual, Norms.groupNorm(images, weights, 4, 1e-6)))
          .isLessThan(1e-3);
    }
  }

  /** What is loaded for a GPU, on the CPU. */
  private static ChannelsLastGroupNorm channelsLast(Weights weights, double epsilon) {
    return ChannelsLastGroupNorm.load(weights, CHANNELS, 4, epsilon);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 0.5})
  void overTheLastDimension(double epsilon) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool);
      Tensor x = torch.randn(2, 3, CHANNELS);
      Tensor actual = LayerNorm.load(weights, CHANNELS, epsilon).forward(x);
      assertThat(Errors.relative(actual, Norms.layerNorm(x, weights, CHANNELS, epsilon)))
          .isLessThan(1e-6);
    }
  }
}
