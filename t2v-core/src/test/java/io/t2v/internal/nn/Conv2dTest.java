package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.nn.Conv2d.TradeOff;
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

/** Each layer against libtorch's convolution in double precision. */
class Conv2dTest {
  private static final int NARROW = 12;
  private static final int WIDE = 256;
  private static final int WIDER = 272;

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
                "wide.weight", new long[] {WIDER, WIDE, 3, 3},
                "wide.bias", new long[] {WIDER},
                "almost.weight", new long[] {WIDE, WIDE - 1, 3, 3},
                "almost.bias", new long[] {WIDE},
                "narrow.weight", new long[] {NARROW, NARROW, 3, 3},
                "narrow.bias", new long[] {NARROW},
                "temporal.weight", new long[] {NARROW, NARROW, 3, 1, 1},
                "temporal.bias", new long[] {NARROW}));
  }

  /** The bias is a twentieth of the largest output, so that a layer without it is far off. */
  @ParameterizedTest
  @CsvSource({
    "SPEED,1,1,1",
    "SPEED,2,4,4",
    "SPEED,1,7,5",
    "SPEED,3,8,9",
    "MEMORY,1,1,1",
    "MEMORY,2,4,4",
    "MEMORY,1,7,5"
  })
  void wideConvolutions(TradeOff tradeOff, long batch, long height, long width) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.packed(pool).at("wide");
      Conv2d layer = Conv2d.loadSame(weights, WIDE, WIDER, tradeOff);
      Tensor x = image(batch, WIDE, height, width);
      Tensor expected = conv2d(x, weights, 1, 1);
      assertThat(Errors.relative(layer.forward(x), expected)).isLessThan(4e-6);

      Tensor sum = image(batch, WIDER, height, width);
      Tensor expectedSum = expected.add(sum.to(ScalarType.Double));
      assertThat(Errors.relative(layer.addTo(sum, x), expectedSum)).isLessThan(4e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(Weights.Form.class)
  void narrowConvolutions(Weights.Form form) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.of(form, pool).at("narrow");
      Tensor x = image(2, NARROW, 6, 7);
      for (long stride = 1; stride <= 2; stride++) {
        for (long padding = 0; padding <= 1; padding++) {
          Conv2d layer = Conv2d.load(weights, NARROW, NARROW, 3, stride, padding);
          Tensor expected = conv2d(x, weights, stride, padding);
          Tensor actual = layer.forward(x.contiguous());
          assertThat(actual.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
          assertThat(Errors.relative(actual, expected)).isLessThan(1e-6);
          Tensor sum = image(2, NARROW, actual.size(2), actual.size(3));
          Tensor expectedSum = expected.add(sum.to(ScalarType.Double));
          assertThat(Errors.relative(layer.addTo(sum, x), expectedSum)).isLessThan(1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Weights.Form.class)
  void temporalConvolutions(Weights.Form form) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Weights weights = layers.of(form, pool).at("temporal");
      Tensor video = torch.randn(2, NARROW, 5, 3, 4);
      Tensor expected =
          torch.conv3d(
              video.to(ScalarType.Double),
              weights.raw("weight", NARROW, NARROW, 3, 1, 1).to(ScalarType.Double),
              new TensorOptional(weights.raw("bias", NARROW).to(ScalarType.Double)),
              new long[] {1, 1, 1},
              new long[] {1, 0, 0},
              new long[] {1, 1, 1},
              1);
      Conv2d layer = Conv2d.loadTemporal(weights, NARROW, NARROW);
      Tensor actual = layer.forward(video.view(2, NARROW, 5, 12));
      assertThat(HostTensors.shape(actual)).containsExactly(2, NARROW, 5, 12);
      assertThat(Errors.relative(actual, expected.view(2, NARROW, 5, 12))).isLessThan(1e-6);
    }
  }

  @Test
  void onlyWideConvolutionsForSpeedTakeTwiceTheMemoryOfTheFile() {
    long wide = 9L * WIDER * WIDE * Float.BYTES;
    assertThat(bytes("wide", WIDE, WIDER, TradeOff.SPEED))
        .isEqualTo(2 * wide + 6L * WIDER * Float.BYTES);
    assertThat(bytes("wide", WIDE, WIDER, TradeOff.MEMORY))
        .isEqualTo(wide + (long) WIDER * Float.BYTES);
    for (TradeOff tradeOff : TradeOff.values()) {
      assertThat(bytes("almost", WIDE - 1, WIDE, tradeOff))
          .isEqualTo((9L * (WIDE - 1) + 1) * WIDE * Float.BYTES);
    }
  }

  private static long bytes(String name, long in, long out, TradeOff tradeOff) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      Conv2d.loadSame(layers.meta(ComputeConfig.cpu(), pool).at(name), in, out, tradeOff);
      return pool.bytes();
    }
  }

  private static Tensor conv2d(Tensor x, Weights weights, long stride, long padding) {
    long out = weights.name().equals("wide") ? WIDER : NARROW;
    return torch.conv2d(
        x.to(ScalarType.Double),
        weights.raw("weight", out, x.size(1), 3, 3).to(ScalarType.Double),
        new TensorOptional(weights.raw("bias", out).to(ScalarType.Double)),
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {1, 1},
        1);
  }

  private static Tensor image(long batch, long channels, long height, long width) {
    torch.manual_seed(batch + 10 * height + 100 * width);
    return torch.randn(batch, channels, height, width).contiguous(MemoryFormat.ChannelsLast);
  }
}
