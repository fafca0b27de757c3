package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.device.Precision;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other dtypes, chunks and micro-batches than usual. */
class UnetComputeTest {
  private static final String MODEL = "four-levels";
  private static final int VIDEOS = 2;
  private static final int SAMPLES = 4;

  @TempDir Path folder;
  private CheckpointFiles checkpoint;

  @BeforeEach
  void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write(MODEL, folder.resolve(MODEL)));
  }

  /**
   * Weights are stored in fewer bits, features stay in float32. The bound for float16 is the error
   * of the reference that computes in it altogether.
   */
  @ParameterizedTest
  @CsvSource({"FLOAT16,0.0046", "INT8,0.04"})
  void predictsNearlyTheSameWithSmallerWeights(Precision precision, double error) {
    Golden golden = Golden.tensors("unet/" + MODEL);
    String name = "batch-two";
    try (UnetDenoiser denoiser =
            open(OffloadPolicy.none(), ComputeConfig.on(ComputeDevice.cpu(), precision));
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = denoiser.bind(Conditioning.onText(tensor(golden, name + ".text")))) {
      Tensor predicted = bound.predict(tensor(golden, name + ".sample"), 741, BlockListener.none());
      Golden.assertClose(
          MODEL, HostTensors.toFloats(predicted), golden.floats(name + ".output"), error);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 1000})
  void chunksChangeNothing(double chunkScale) {
    ComputeConfig chunked = new ComputeConfig(ComputeDevice.cpu(), Precision.FLOAT32, chunkScale);
    assertSame(predict(OffloadPolicy.none(), chunked, 1));
  }

  /** What a GPU may be asked for, on the CPU: the same sums in another order. */
  @ParameterizedTest
  @EnumSource(
      value = GpuOptimization.class,
      names = {"CHANNELS_LAST_GROUP_NORM", "BATCHED_FRAME_ATTENTION"})
  void optimizationsOfAGpuChangeNothing(GpuOptimization optimization) {
    ComputeConfig optimized = ComputeConfig.cpu().withOptimizations(Set.of(optimization));
    float[] predicted = predict(OffloadPolicy.none(), optimized, SAMPLES);
    assertSame(predicted);
    assertThat(predicted)
        .as("rounded otherwise: the optimization was used")
        .isNotEqualTo(predict(OffloadPolicy.none(), ComputeConfig.cpu(), SAMPLES));
  }

  @ParameterizedTest
  @CsvSource({"none,2", "none,3", "none,9", "disk,1", "disk,3", "disk,4"})
  void microBatchesChangeNothing(String policy, int microBatch) {
    OffloadPolicy used = policy.equals("none") ? OffloadPolicy.none() : OffloadPolicy.disk();
    assertSame(predict(used, ComputeConfig.cpu(), microBatch));
  }

  /** The input block is computed once a video, each other block once a micro-batch. */
  @Test
  void samplesOfAMicroBatchGoThroughABlockTogether() {
    int blocks = blockCalls(SAMPLES) - VIDEOS;
    assertThat(blocks).isGreaterThan(10);
    assertThat(blockCalls(3)).isEqualTo(VIDEOS + 2 * blocks);
    assertThat(blockCalls(2)).isEqualTo(VIDEOS + 2 * blocks);
    assertThat(blockCalls(1)).isEqualTo(VIDEOS + SAMPLES * blocks);
  }

  private int blockCalls(int microBatch) {
    int[] calls = {0};
    predict(
        OffloadPolicy.none(),
        ComputeConfig.cpu(),
        microBatch,
        (done, total) -> {
          assertThat(done).isEqualTo(++calls[0]).isLessThanOrEqualTo(total);
        });
    return calls[0];
  }

  private void assertSame(float[] predicted) {
    float[] plain = predict(OffloadPolicy.none(), ComputeConfig.cpu(), 1);
    assertThat(plain).hasSize(SAMPLES * 4 * 2 * 8 * 4);
    Golden.assertClose("as one sample at a time", predicted, plain, 1e-5);
  }

  private float[] predict(OffloadPolicy policy, ComputeConfig compute, int microBatch) {
    return predict(policy, compute, microBatch, BlockListener.none());
  }

  private float[] predict(
      OffloadPolicy policy, ComputeConfig compute, int microBatch, BlockListener listener) {
    try (UnetDenoiser denoiser = open(policy, compute);
        ComputeScope scope = ComputeScope.open(1)) {
      torch.manual_seed(1);
      Tensor latents = torch.randn(VIDEOS, denoiser.inChannels(), 2, 8, 4);
      Tensor text = torch.randn(SAMPLES, 5, denoiser.textWidth());
      try (BoundDenoiser bound = denoiser.bind(new Conditioning(text, null, microBatch))) {
        return HostTensors.toFloats(bound.predict(latents, 321, listener));
      }
    }
  }

  private UnetDenoiser open(OffloadPolicy policy, ComputeConfig compute) {
    return UnetDenoiser.open(
        checkpoint.unetConfig(),
        checkpoint.unetWeights(),
        new Placement(Component.DENOISER, policy, compute));
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
