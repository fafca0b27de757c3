package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers keep nothing in memory that is used again for the next layer. */
class StagedLayersTest {
  private static final int CHANNELS = 256;
  private static final long FLOATS = 8L << 20;

  @TempDir static Path folder;

  private static LayerWeights layers;

  @BeforeAll
  static void write() throws IOException {
    TorchRuntime.load();
    layers =
        LayerWeights.write(
            folder,
            Map.ofEntries(
                entry("same.weight", CHANNELS, CHANNELS, 3, 3),
                entry("same.bias", CHANNELS),
                entry("temporal.weight", CHANNELS, CHANNELS, 3, 1, 1),
                entry("temporal.bias", CHANNELS),
                entry("one.weight", CHANNELS, CHANNELS, 1, 1),
                entry("one.bias", CHANNELS),
                entry("a.weight", CHANNELS, CHANNELS),
                entry("a.bias", CHANNELS),
                entry("b.weight", CHANNELS, CHANNELS),
                entry("b.bias", CHANNELS),
                entry("norm.weight", CHANNELS),
                entry("norm.bias", CHANNELS),
                entry("net.0.proj.weight", 8 * CHANNELS, CHANNELS),
                entry("net.0.proj.bias", 8 * CHANNELS),
                entry("net.2.weight", CHANNELS, 4 * CHANNELS),
                entry("net.2.bias", CHANNELS)));
  }

  private static Map.Entry<String, long[]> entry(String name, long... shape) {
    return Map.entry(name, shape);
  }

  /** What is only read on the way to a fused weight would stay as long as the network. */
  @Test
  void unpackedLayersKeepNoMoreThanIsPlanned() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool();
        NativePool planned = new NativePool()) {
      for (boolean bias : new boolean[] {true, false}) {
        Linear.fused(layers.of(Weights.Form.IN_PLACE, pool), CHANNELS, CHANNELS, bias, "a", "b");
        Linear.fused(
            Weights.meta(layers.files(), Weights.Form.IN_PLACE, ComputeConfig.cpu(), planned),
            CHANNELS,
            CHANNELS,
            bias,
            "a",
            "b");
      }
      assertThat(pool.bytes()).isEqualTo(planned.bytes()).isPositive();
    }
  }

  @AfterAll
  static void close() {
    layers.close();
  }

  /** Loads a layer, and computes it on its random input. */
  private interface Layer {
    Tensor loadAndApply(Weights weights, Runnable loaded);
  }

  private static Layer linear(Function<Weights, Linear> loader) {
    return (weights, loaded) -> {
      Linear layer = loader.apply(weights);
      loaded.run();
      return layer.forward(input(weights, 32, CHANNELS));
    };
  }

  private static Layer convolution(Function<Weights, Conv2d> loader) {
    return (weights, loaded) -> {
      Conv2d layer = loader.apply(weights);
      loaded.run();
      return layer.forward(input(weights, 1, CHANNELS, 8, 8));
    };
  }

  private static Tensor input(Weights weights, long... shape) {
    torch.manual_seed(5);
    return weights.compute().toCompute(torch.randn(shape));
  }

  static Stream<Arguments> layers() {
    return Stream.of(
        Arguments.of("linear", linear(all -> Linear.load(all.at("a"), CHANNELS, CHANNELS))),
        Arguments.of("fused", linear(all -> Linear.fused(all, CHANNELS, CHANNELS, true, "a", "b"))),
        Arguments.of(
            "minimal filtering",
            convolution(
                all -> Conv2d.loadSame(all.at("same"), CHANNELS, CHANNELS, Conv2d.TradeOff.SPEED))),
        Arguments.of(
            "im2col",
            convolution(
                all ->
                    Conv2d.loadSame(all.at("same"), CHANNELS, CHANNELS, Conv2d.TradeOff.MEMORY))),
        Arguments.of(
            "direct", convolution(all -> Conv2d.load(all.at("same"), CHANNELS, CHANNELS, 3, 2, 1))),
        Arguments.of(
            "pointwise",
            convolution(all -> Conv2d.load(all.at("one"), CHANNELS, CHANNELS, 1, 1, 0))),
        Arguments.of(
            "feed-forward",
            (Layer)
                (all, loaded) -> {
                  FeedForward layer = FeedForward.load(all, CHANNELS);
                  LayerNorm norm = LayerNorm.load(all.at("norm"), CHANNELS, 1e-5);
                  loaded.run();
                  return layer.addTo(input(all, 32, CHANNELS), norm);
                }),
        Arguments.of(
            "temporal",
            convolution(all -> Conv2d.loadTemporal(all.at("temporal"), CHANNELS, CHANNELS))),
        Arguments.of(
            "upsampling",
            (Layer)
                (all, loaded) -> {
                  UpsampleConv2d layer = DifferenceUpsample.load(all.at("same"), CHANNELS);
                  loaded.run();
                  return layer.forward(input(all, 1, CHANNELS, 4, 4), 8, 8);
                }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void layersKeepNothingThere(String name, Layer layer) {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16, Precision.INT8)) {
      try (ComputeScope scope = ComputeScope.open(1);
          NativePool pool = new NativePool();
          StagingMemory memory = new StagingMemory()) {
        ComputeConfig compute = new ComputeConfig(ComputeDevice.cpu(), precision, 1);
        Weights weights = layers.of(Weights.Form.PACKED, compute, pool);
        Tensor expected = layer.loadAndApply(weights, () -> {});
        long before = addressOfNext(memory);
        Tensor actual =
            layer.loadAndApply(
                weights.stagedIn(memory),
                () -> assertThat(addressOfNext(memory)).as("the buffer is free").isEqualTo(before));
        assertThat(torch.equal(actual, expected)).as("%s", precision).isTrue();
        assertThat(expected.isnan().any().item_bool()).isFalse();
      }
    }
  }

  /** What the next layer would do. */
  private static long addressOfNext(StagingMemory memory) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor next = memory.empty(ScalarType.Float, FLOATS);
      next.fill_(new Scalar(Double.NaN));
      return next.data_ptr().address();
    }
  }
}
