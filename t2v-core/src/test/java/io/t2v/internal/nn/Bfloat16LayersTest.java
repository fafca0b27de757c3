package io.t2v.internal.nn;

import static io.t2v.testing.Bfloat16.computeOrBeRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers in bfloat16 on a CPU against the same ones in float32, on the same parameters. */
class Bfloat16LayersTest {
  private static final int IN = 264;
  private static final int OUT = 272;

  /** A number of bfloat16 is off by up to 2^-9 of itself; inputs, weights and outputs are. */
  private static final double BOUND = 0.01;

  private static final ComputeConfig BFLOAT16 =
      ComputeConfig.on(ComputeDevice.cpu(), Precision.BFLOAT16);

  @TempDir static Path folder;

  private static LayerWeights layers;

  @BeforeAll
  static void write() throws IOException {
    TorchRuntime.load();
    layers =
        LayerWeights.write(
            folder,
            Map.of(
                "linear.weight", new long[] {OUT, IN},
                "linear.bias", new long[] {OUT},
                "same.weight", new long[] {OUT, IN, 3, 3},
                "same.bias", new long[] {OUT},
                "temporal.weight", new long[] {OUT, IN, 3, 1, 1},
                "temporal.bias", new long[] {OUT},
                "pointwise.weight", new long[] {OUT, IN, 1, 1},
                "pointwise.bias", new long[] {OUT}));
  }

  @AfterAll
  static void close() {
    layers.close();
  }

  @Test
  void linearLayersAndWhatIsFusedWithThem() {
    for (Weights.Form form : Weights.Form.values()) {
      assertClose(
          form,
          (weights, type) -> Linear.load(weights.at("linear"), IN, OUT).forward(tokens(type, IN)));
      assertClose(
          form,
          (weights, type) ->
              Linear.load(weights.at("linear"), IN, OUT).forwardGelu(tokens(type, IN)));
    }
    assertClose(
        (weights, type) ->
            Linear.load(weights.at("linear"), IN, OUT)
                .forwardTimes(tokens(type, IN), tokens(type, OUT)));
    assertClose(
        (weights, type) ->
            Linear.load(weights.at("linear"), IN, OUT)
                .forwardPlus(tokens(type, IN), tokens(type, OUT)));
  }

  @Test
  void convolutionsOfEachKind() {
    for (TradeOff tradeOff : TradeOff.values()) {
      assertClose(
          (weights, type) ->
              Conv2d.loadSame(weights.at("same"), IN, OUT, tradeOff).forward(image(type, IN)));
    }
    assertClose(
        (weights, type) ->
            Conv2d.loadTemporal(weights.at("temporal"), IN, OUT).forward(image(type, IN)));
    assertClose(
        (weights, type) ->
            Conv2d.load(weights.at("pointwise"), IN, OUT, 1, 1, 0).forward(image(type, IN)));
    assertClose(
        (weights, type) ->
            Conv2d.loadTemporal(weights.at("temporal"), IN, OUT)
                .forwardPlus(image(type, IN), image(type, OUT)));
    assertClose(
        (weights, type) ->
            Conv2d.load(weights.at("pointwise"), IN, OUT, 1, 1, 0)
                .addTo(image(type, OUT), image(type, IN)));
  }

  /** Heads and queries are divided in every way; a masked key counts for nothing. */
  @Test
  void attentionInChunksOfAnySize() {
    computeOrBeRefused(
        () -> {
          try (ComputeScope scope = ComputeScope.open(1)) {
            torch.manual_seed(6);
            Tensor query = torch.randn(2, 7, 3, 8).transpose(1, 2);
            Tensor key = torch.randn(2, 5, 3, 8).transpose(1, 2);
            Tensor value = torch.randn(2, 5, 3, 8).transpose(1, 2);
            Tensor mask = torch.zeros(1, 1, 7, 5);
            mask.select(3, 4).fill_(new Scalar(Double.NEGATIVE_INFINITY));
            for (Tensor used : new Tensor[] {null, mask}) {
              Tensor expected = Attention.attend(query, key, value, used);
              for (long scores : new long[] {1, 5, 17, 35, 80, 1 << 20}) {
                Tensor actual =
                    ProductAttention.attend(
                        half(query),
                        half(key),
                        half(value),
                        used == null ? null : half(used),
                        scores);
                assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                assertThat(Errors.relative(actual, expected))
                    .as("%s scores", scores)
                    .isLessThan(BOUND);
              }
            }
            assertThat(
                    torch.equal(
                        Attention.attend(half(query), half(key), half(value), null),
                        ProductAttention.attend(half(query), half(key), half(value), null)))
                .isTrue();
          }
        });
  }

  private static Tensor half(Tensor x) {
    return x.to(ScalarType.BFloat16);
  }

  private static void assertClose(BiFunction<Weights, ScalarType, Tensor> layer) {
    assertClose(Weights.Form.PACKED, layer);
  }

  private static void assertClose(
      Weights.Form form, BiFunction<Weights, ScalarType, Tensor> layer) {
    computeOrBeRefused(
        () -> {
          try (ComputeScope scope = ComputeScope.open(1);
              NativePool pool = new NativePool()) {
            Tensor expected = layer.apply(layers.of(form, pool), ScalarType.Float);
            Tensor actual = layer.apply(layers.of(form, BFLOAT16, pool), ScalarType.BFloat16);
            assertClose(actual, expected);
          }
        });
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
    assertThat(Errors.relative(actual, expected)).isBetween(1e-4, BOUND);
  }

  private static Tensor tokens(ScalarType type, long width) {
    torch.manual_seed(width);
    return torch.randn(2, 9, width).to(type);
  }

  private static Tensor image(ScalarType type, long channels) {
    torch.manual_seed(channels);
    return torch.randn(2, channels, 4, 5).to(type).contiguous(MemoryFormat.ChannelsLast);
  }
}
