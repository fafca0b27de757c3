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
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of the three, and what becomes of the input. */
class NormActivationConv2dTest {
  private static final int IN = 8;
  private static final int OUT = 6;

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
                "norm.weight", new long[] {IN},
                "norm.bias", new long[] {IN},
                "conv.weight", new long[] {OUT, IN, 3, 3},
                "conv.bias", new long[] {OUT}));
  }

  @Test
  void normalisesThenActivatesThenConvolves() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool);
      NormActivationConv2d layer =
          new NormActivationConv2d(
              GroupNorm.load(weights.at("norm"), IN, 4, 1e-5),
              Activation.SILU,
              Conv2d.load(weights.at("conv"), IN, OUT, 3, 1, 1));
      Tensor x = torch.randn(2, IN, 4, 5).contiguous(MemoryFormat.ChannelsLast);
      Tensor activated = torch.silu(Norms.groupNorm(x, weights.at("norm"), 4, 1e-5));
      Tensor expected =
          torch.conv2d(
              activated,
              weights.raw("conv.weight", OUT, IN, 3, 3).to(ScalarType.Double),
              new TensorOptional(weights.raw("conv.bias", OUT).to(ScalarType.Double)),
              new long[] {1, 1},
              new long[] {1, 1},
              new long[] {1, 1},
              1);
      Tensor before = x.clone();
      assertThat(Errors.relative(layer.activate(x), activated)).isLessThan(1e-6);
      assertThat(Errors.relative(layer.forward(x), expected)).isLessThan(2e-6);
      assertThat(torch.equal(x, before)).isTrue();
      assertThat(Errors.relative(layer.forwardFreeing(x), expected)).isLessThan(2e-6);
      assertThat(x.isNull()).as("freed").isTrue();
    }
  }
}
