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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kernel and each fused form against products in double precision. */
class LinearTest {
  private static final int IN = 10;
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
                "to_q.weight", new long[] {OUT, IN},
                "to_q.bias", new long[] {OUT},
                "to_k.weight", new long[] {OUT, IN},
                "to_k.bias", new long[] {OUT}));
  }

  @ParameterizedTest
  @EnumSource(Weights.Form.class)
  void oneDnnOnACpu(Weights.Form form) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights query = layers.of(form, pool).at("to_q");
      assertComputes(Linear.load(query, IN, OUT), query, true);
      assertComputes(Linear.loadWithoutBias(query, IN, OUT), query, false);
    }
  }

  @ParameterizedTest
  @EnumSource(Weights.Form.class)
  void fusedLayersFollowEachOther(Weights.Form form) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights both = layers.of(form, pool);
      for (boolean bias : new boolean[] {true, false}) {
        Tensor x = tokens();
        Tensor fused = Linear.fused(both, IN, OUT, bias, "to_q", "to_k").forward(x);
        Tensor expected =
            torch.cat(
                new TensorVector(
                    product(x, both.at("to_q"), bias), product(x, both.at("to_k"), bias)),
                2);
        assertThat(HostTensors.shape(fused)).containsExactly(2, 3, 2 * OUT);
        assertThat(Errors.relative(fused, expected)).isLessThan(1e-6);
      }
    }
  }

  /** Only the weights' view says that they are for a GPU: the tensors are on the CPU. */
  @Test
  void libtorchElsewhere() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights gpu =
          layers.meta(ComputeConfig.on(ComputeDevice.cuda(0), Precision.FLOAT32), pool).at("to_q");
      Weights cpu = layers.inPlace(pool).at("to_q");
      Tensor matrix = cpu.raw("weight", OUT, IN);
      assertComputes(Linear.of(gpu, matrix, cpu.raw("bias", OUT)), cpu, true);
      assertComputes(Linear.of(gpu, matrix, null), cpu, false);
    }
  }

  private static void assertComputes(Linear layer, Weights weights, boolean bias) {
    Tensor x = tokens();
    Tensor expected = product(x, weights, bias);
    Tensor factor = torch.randn(2, 3, OUT);
    Tensor forward = layer.forward(x);
    assertThat(HostTensors.shape(forward)).containsExactly(2, 3, OUT);
    assertThat(Errors.relative(forward, expected)).isLessThan(1e-6);
    assertThat(Errors.relative(layer.forwardGelu(x), torch.gelu(expected))).isLessThan(1e-6);
    assertThat(
            Errors.relative(
                layer.forwardTimes(x, factor), expected.mul(factor.to(ScalarType.Double))))
        .isLessThan(1e-6);
    Tensor strided = factor.transpose(0, 1).contiguous().transpose(0, 1);
    layer.addTo(strided, x);
    assertThat(Errors.relative(strided, expected.add(factor.to(ScalarType.Double))))
        .isLessThan(1e-6);
  }

  private static Tensor product(Tensor x, Weights weights, boolean bias) {
    Tensor matrix = weights.raw("weight", OUT, IN).to(ScalarType.Double);
    Tensor product = x.to(ScalarType.Double).matmul(matrix.t());
    return bias ? product.add(weights.raw("bias", OUT).to(ScalarType.Double)) : product;
  }

  private static Tensor tokens() {
    torch.manual_seed(4);
    return torch.randn(2, 3, IN);
  }
}
