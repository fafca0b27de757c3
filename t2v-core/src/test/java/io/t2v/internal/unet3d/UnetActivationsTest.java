package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.memory.Workload.Texts;
import io.t2v.internal.torch.ComputeConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The peak of a network of one level. It is at the first layer of the up path: two skips, of which
 * one is joined; the hidden state; and beside it the joined tensor and four of the layer's width.
 */
class UnetActivationsTest {
  private static final int CHANNELS = 64;
  private static final int FRAMES = 3;
  private static final int HEIGHT = 5;
  private static final int WIDTH = 7;
  private static final int TOKENS = FRAMES * HEIGHT * WIDTH;
  private static final int ENTRY_WIDTH = 8 * 16;
  private static final long USUAL_WORKSPACE = 160L << 20;
  private static final UnetConfig ONE_LEVEL =
      UnetConfig.read(
          JsonConfig.of(
              "test",
              Map.of(
                  "block_out_channels", List.of(CHANNELS),
                  "attention_head_dim", 16,
                  "layers_per_block", 1,
                  "down_block_types", List.of("CrossAttnDownBlock3D"),
                  "up_block_types", List.of("CrossAttnUpBlock3D"))));

  @Test
  void featuresOfOneMicroBatch() {
    long features = (long) TOKENS * CHANNELS * Float.BYTES;
    ComputeConfig cpu = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1);
    assertThat(UnetActivations.byMicroBatch(ONE_LEVEL, cpu, workload(1)))
        .isEqualTo((3 + 5) * features + USUAL_WORKSPACE);
    assertThat(UnetActivations.byMicroBatch(ONE_LEVEL, cpu, workload(2)))
        .isEqualTo(2 * (3 + 5) * features + USUAL_WORKSPACE);
  }

  /** More with larger chunks, until a layer is a single one; not less with smaller ones. */
  @ParameterizedTest
  @CsvSource({"0.1, 2000, 0", "1, 5, 0", "4, 5, 0", "4, 2000, 480"})
  void workspaceGrowsWithChunksUpToAWholeLayer(double scale, int height, long more) {
    Workload workload = new Workload(1, true, FRAMES, height, 4 * WIDTH, 1);
    ComputeConfig usual = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1);
    ComputeConfig cpu = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, scale);
    assertThat(
            UnetActivations.byMicroBatch(ONE_LEVEL, cpu, workload)
                - UnetActivations.byMicroBatch(ONE_LEVEL, usual, workload))
        .isEqualTo(more << 20);
  }

  @Test
  void aWholeLayerIsTwelveTensorsOfTheWidestTokens() {
    int height = 100 * HEIGHT;
    Workload workload = new Workload(1, true, FRAMES, height, 4 * WIDTH, 1);
    ComputeConfig usual = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1);
    ComputeConfig cpu = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1000);
    assertThat(
            UnetActivations.byMicroBatch(ONE_LEVEL, cpu, workload)
                - UnetActivations.byMicroBatch(ONE_LEVEL, usual, workload))
        .isEqualTo(12L * FRAMES * height * 4 * WIDTH * ENTRY_WIDTH * Float.BYTES - USUAL_WORKSPACE);
  }

  @Test
  void withOffloadedBlocksAllSamplesHaveFeatures() {
    long features = (long) TOKENS * CHANNELS * Float.BYTES;
    ComputeConfig cpu = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, 1);
    assertThat(UnetActivations.byBlock(ONE_LEVEL, cpu, workload(1)))
        .isEqualTo((2 * 3 + 5) * features + USUAL_WORKSPACE);
  }

  /** A normalised input, and two intermediates of four times its width; whole, or one chunk. */
  @ParameterizedTest
  @CsvSource({"FLOAT32,1,1", "FLOAT16,1,2", "FLOAT16,2,1", "INT8,1,1"})
  void onAGpuTheWidestFeedForwardLayerCounts(Precision precision, int microBatch, double chunks) {
    int bytes = precision == Precision.FLOAT32 ? Float.BYTES : Short.BYTES;
    long layer = (long) microBatch * TOKENS * ENTRY_WIDTH;
    long features = (long) microBatch * TOKENS * CHANNELS * bytes;
    double scale = layer / (double) (1 << 20) / chunks;
    ComputeConfig gpu = new ComputeConfig(ComputeDevice.cuda(0), precision, scale);
    assertThat(UnetActivations.byMicroBatch(ONE_LEVEL, gpu, workload(microBatch)))
        .isEqualTo((3 + 5) * features + (long) (9 * layer / chunks) * bytes);
  }

  /**
   * At depth 0 the last layer is entered, with channels of its own level; of each clip and window.
   */
  @Test
  void cachedFeaturesCountOnceForEachClipAndWindow() {
    long features = (long) TOKENS * CHANNELS * Float.BYTES;
    ComputeConfig cpu = ComputeConfig.cpu();
    Workload cached =
        new Workload(
            3,
            true,
            FRAMES,
            HEIGHT,
            WIDTH,
            1,
            false,
            Texts.ONE,
            Optional.of(new Workload.CachedFeatures(0, 5)),
            1);
    Workload plain = new Workload(3, true, FRAMES, HEIGHT, WIDTH, 1);
    assertThat(
            UnetActivations.byBlock(ONE_LEVEL, cpu, cached)
                - UnetActivations.byBlock(ONE_LEVEL, cpu, plain))
        .isEqualTo(2 * 3 * 5 * features);
  }

  private static Workload workload(int microBatch) {
    return new Workload(1, true, FRAMES, HEIGHT, WIDTH, microBatch);
  }
}
