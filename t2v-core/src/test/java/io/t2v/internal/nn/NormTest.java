package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
