package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Floats;
import io.t2v.device.GpuOptimization;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.Warnings;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which UNets have their predictions recorded; the CPU stands in for the device. */
class UnetGraphsTest {
  @TempDir Path folder;
  private CheckpointFiles checkpoint;
  private final List<String> events = new ArrayList<>();

  @BeforeEach
  void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write("one-level", folder.resolve("model")));
  }

  static List<OffloadPolicy> wholePolicies() {
    return List.of(OffloadPolicy.none(), OffloadPolicy.component());
  }

  @ParameterizedTest
  @MethodSource("wholePolicies")
  void residentWeightsAreRecordedAtTheSecondStepOfEachGeneration(OffloadPolicy policy) {
    float[] expected = computed();
    NativeObjects objects = NativeObjects.count();
    try (UnetDenoiser recorded = open(policy, this::record)) {
      assertThat(twoSteps(recorded)).isEqualTo(expected);
      assertThat(events).containsExactly("record", "replay", "close");
      assertThat(twoSteps(recorded)).isEqualTo(expected);
      assertThat(events).hasSize(6);
    }
    objects.assertNoMore();
  }

  @Test
  void keptGraphsServeTheNextGenerationWhileWeightsStay() {
    float[] expected = computed();
    NativeObjects objects = NativeObjects.count();
    try (UnetDenoiser keeping = open(OffloadPolicy.none(), keptGraphs(), this::record)) {
      assertThat(twoSteps(keeping)).isEqualTo(expected);
      assertThat(events).containsExactly("record", "replay");
      twoSteps(keeping);
      assertThat(events).containsExactly("record", "replay", "replay", "replay");
    }
    assertThat(events).endsWith("close").hasSize(5);
    objects.assertNoMore();
  }

  @Test
  void releasedWeightsTakeTheirGraphWithThem() {
    try (Warnings warnings = Warnings.of(UnetDenoiser.class);
        UnetDenoiser releasing = open(OffloadPolicy.component(), keptGraphs(), this::record)) {
      assertThat(warnings.messages())
          .containsExactly(
              "kept-cuda-graphs has no effect with offload component: weights do not stay on the"
                  + " device; use OffloadPolicy.none()");
      twoSteps(releasing);
      assertThat(events).containsExactly("record", "replay", "close");
    }
  }

  private static ComputeConfig keptGraphs() {
    return ComputeConfig.cpu().withOptimizations(Set.of(GpuOptimization.KEPT_CUDA_GRAPHS));
  }

  @Test
  void offloadedBlocksAreNotRecorded() {
    try (UnetDenoiser disk = open(OffloadPolicy.disk(), this::record)) {
      assertThat(twoSteps(disk)).isEqualTo(computed());
    }
    assertThat(events).isEmpty();
  }

  @Test
  void aCpuHasNoGraphs() {
    try (UnetDenoiser asked =
        UnetDenoiser.openWithCudaGraphs(
            checkpoint.unetConfig(),
            TensorReader.open(checkpoint.unetWeights()),
            new Placement(Component.DENOISER, OffloadPolicy.none()))) {
      assertThat(twoSteps(asked)).isEqualTo(computed());
    }
  }

  /** Computes while it records, so that the first replay finds its result there. */
  private DeviceGraph record(Runnable work) {
    events.add("record");
    work.run();
    return new DeviceGraph() {
      @Override
      public void replay() {
        events.add("replay");
      }

      @Override
      public void close() {
        events.add("close");
      }
    };
  }

  private float[] computed() {
    try (UnetDenoiser plain = open(OffloadPolicy.none(), null)) {
      return twoSteps(plain);
    }
  }

  private static float[] twoSteps(UnetDenoiser denoiser) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor text = waves(0.3, 2, 3, denoiser.textWidth());
      try (BoundDenoiser bound = denoiser.bind(new Conditioning(text, null, 2))) {
        return Floats.concat(
            HostTensors.toFloats(predict(bound, denoiser, 500)),
            HostTensors.toFloats(predict(bound, denoiser, 400)));
      }
    }
  }

  private static Tensor predict(BoundDenoiser bound, UnetDenoiser denoiser, double timestep) {
    Tensor latents = waves(timestep, 1, denoiser.inChannels(), 2, 4, 4);
    return bound.predict(latents, timestep, BlockListener.none());
  }

  private static Tensor waves(double frequency, long... shape) {
    int count = 1;
    for (long dimension : shape) {
      count *= (int) dimension;
    }
    float[] values = new float[count];
    IntStream.range(0, count).forEach(i -> values[i] = (float) Math.sin(frequency * (i + 1)));
    return HostTensors.of(values, shape);
  }

  private UnetDenoiser open(OffloadPolicy policy, DeviceGraph.Recorder recorder) {
    return open(policy, ComputeConfig.cpu(), recorder);
  }

  private UnetDenoiser open(
      OffloadPolicy policy, ComputeConfig compute, DeviceGraph.Recorder recorder) {
    return UnetDenoiser.open(
        checkpoint.unetConfig(),
        TensorReader.open(checkpoint.unetWeights()),
        new Placement(Component.DENOISER, policy, compute),
        recorder);
  }
}
