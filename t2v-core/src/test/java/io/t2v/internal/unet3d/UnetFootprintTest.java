package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a network on a GPU, which need not be there. */
class UnetFootprintTest {
  private static final Workload WORKLOAD = new Workload(1, true, 4, 8, 8, 1);

  @TempDir Path folder;
  private CheckpointFiles checkpoint;

  @BeforeEach
  void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write("four-levels", folder.resolve("model")));
  }

  @Test
  void int8OnAGpuIsWidenedTo16BitsForEachBlock() {
    Footprint int8 = onGpu(Precision.INT8);
    Footprint half = onGpu(Precision.FLOAT16);
    long parameters = checkpoint.unetWeights().parameters();
    assertThat(half.weights().whole()).isEqualTo(2 * parameters);
    assertThat(int8.weights().kept()).isEqualTo(parameters);
    assertThat(int8.weights().layerByLayer()).isEqualTo(half.weights().layerByLayer());
    assertThat(int8.weights().whole())
        .isEqualTo(int8.weights().kept() + half.weights().layerByLayer());
  }

  @Test
  void widenedBlocksAreUsedOneByOne() {
    Footprint int8 = onGpu(Precision.INT8);
    Footprint half = onGpu(Precision.FLOAT16);
    long byBlock = half.layerActivations().applyAsLong(WORKLOAD);
    assertThat(half.activations().applyAsLong(WORKLOAD)).isLessThan(byBlock);
    assertThat(int8.activations().applyAsLong(WORKLOAD)).isEqualTo(byBlock);
  }

  private Footprint onGpu(Precision precision) {
    return UnetDenoiser.footprint(
        checkpoint.unetConfig(),
        checkpoint.unetWeights(),
        ComputeConfig.on(ComputeDevice.cuda(0), precision));
  }
}
