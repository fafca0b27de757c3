package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gated feed-forward layer and its norm, written out in double precision. */
class FeedForwardTest {
  private static final int WIDTH = 8;
  private static final int ROWS = 7;

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
            Map.of(
                "norm.weight", new long[] {WIDTH},
                "norm.bias", new long[] {WIDTH},
                "ff.net.0.proj.weight", new long[] {8 * WIDTH, WIDTH},
                "ff.net.0.proj.bias", new long[] {8 * WIDTH},
                "ff.net.2.weight", new long[] {WIDTH, 4 * WIDTH},
                "ff.net.2.bias", new long[] {WIDTH}));
  }

  /** Chunks of one row, of three rows (with a rest of one), and of all. */
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 1000})
  void addsTheGatedLayerOfTheNormalisedTokens(long chunkRows) {
    double scale = chunkRows * WIDTH * 4.0 / (4L << 20);
    ComputeConfig compute = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, scale);
    assertThat(FeedForward.chunkElements(compute) / WIDTH).isEqualTo(chunkRows);
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = Weights.of(layers.reader(), Weights.Form.PACKED, compute, pool);
      torch.manual_seed(6);
      Tensor tokens = torch.randn(1, ROWS, WIDTH);
      Tensor expected = expected(tokens, weights);
      Tensor added =
          FeedForward.load(weights.at("ff"), WIDTH)
              .addTo(tokens, LayerNorm.load(weights.at("norm"), WIDTH, 1e-5));
      assertThat(added).isSameAs(tokens);
      assertThat(Errors.relative(tokens, expected)).isLessThan(1e-6);
    }
  }

  @Test
  void chunksHaveAtLeastOneRow() {
    ComputeConfig compute = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1e-9);
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = Weights.of(layers.reader(), Weights.Form.PACKED, compute, pool);
      Tensor tokens = torch.randn(1, 2, WIDTH);
      Tensor expected = expected(tokens, weights);
      FeedForward.load(weights.at("ff"), WIDTH)
          .addTo(tokens, LayerNorm.load(weights.at("norm"), WIDTH, 1e-5));
      assertThat(Errors.relative(tokens, expected)).isLessThan(1e-6);
    }
  }

  private static Tensor expected(Tensor tokens, Weights weights) {
    Tensor normed = Norms.layerNorm(tokens, weights.at("norm"), WIDTH, 1e-5);
    Tensor wide = linear(normed, weights.at("ff.net.0.proj"), 8 * WIDTH, WIDTH);
    Tensor value = wide.narrow(2, 0, 4 * WIDTH);
    Tensor gate = torch.gelu(wide.narrow(2, 4 * WIDTH, 4 * WIDTH));
    Tensor out = linear(value.mul(gate), weights.at("ff.net.2"), WIDTH, 4 * WIDTH);
    return tokens.to(ScalarType.Double).add(out);
  }

  private static Tensor linear(Tensor x, Weights weights, long out, long in) {
    return x.matmul(weights.raw("weight", out, in).to(ScalarType.Double).t())
        .add(weights.raw("bias", out).to(ScalarType.Double));
  }
}
