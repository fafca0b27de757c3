package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.primitives.Longs;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.WeightFootprint;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.Weights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingPolicy;
import io.t2v.testing.RecordingSideStream;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks that are streamed to a device; the CPU stands in for the device. */
class StreamedUnetTest {
  private static final int VIDEOS = 2;
  private static final int SAMPLES = 2 * VIDEOS;

  @TempDir Path folder;
  private CheckpointFiles checkpoint;
  private final RecordingSideStream side = new RecordingSideStream();
  private final RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.streaming());

  @BeforeEach
  void writeModel() {
    checkpoint =
        CheckpointFiles.open(GoldenModel.write("four-levels", folder.resolve("model"), "F16"));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "INT8"})
  void changesNothingInTheResult(Precision precision) {
    ComputeConfig compute = ComputeConfig.on(ComputeDevice.cpu(), precision);
    try (UnetDenoiser plain = open(OffloadPolicy.none(), compute);
        UnetDenoiser streamed = open(policy, compute)) {
      assertThat(predict(streamed, VIDEOS, BlockListener.none()))
          .isEqualTo(predict(plain, VIDEOS, BlockListener.none()));
    }
  }

  @Test
  void eachBlockIsPrefetchedOnceAStepWhileTheOneBeforeComputes() {
    try (UnetDenoiser denoiser = open(policy, ComputeConfig.cpu())) {
      List<Object> events = new ArrayList<>();
      policy.atEachMove(events::add);
      predict(denoiser, VIDEOS, (done, total) -> events.add("computed"));
      List<Object> step = lastStep(events);
      List<ResidencyEvent> coming =
          step.stream()
              .filter(
                  event ->
                      event instanceof ResidencyEvent move && move.direction() == Direction.LOADED)
              .map(ResidencyEvent.class::cast)
              .toList();

      assertThat(coming).as("for all videos and both halves").doesNotHaveDuplicates();
      assertThat(coming.get(0).part()).isEqualTo("conv_in");
      assertThat(coming.get(coming.size() - 1).part()).isEqualTo("conv_norm_out");
      List<Object> expected = new ArrayList<>();
      expected.add(coming.get(0));
      for (int i = 0; i < coming.size(); i++) {
        if (i + 1 < coming.size()) {
          expected.add(coming.get(i + 1));
        }
        // The input block is computed once a video, the others once a sample.
        for (int call = 0; call < (i == 0 ? VIDEOS : SAMPLES); call++) {
          expected.add("computed");
        }
        expected.add(
            new ResidencyEvent(Component.DENOISER, coming.get(i).part(), Direction.RELEASED));
      }
      assertThat(step).isEqualTo(expected);
      assertThat(side.followed()).isEqualTo(side.awaited()).isPositive();
    }
  }

  @Test
  void theFootprintIsThatOfTheLargestTwoBlocksInARow() {
    ComputeConfig compute = ComputeConfig.cpu();
    UnetConfig config = UnetConfig.read(checkpoint.unetConfig());
    WeightFootprint weights =
        WeightFootprint.of(
            checkpoint.unetWeights(),
            Weights.Form.PACKED,
            compute,
            (meta, submodules) -> new Unet3d(config, meta, submodules));
    try (UnetDenoiser denoiser = open(policy, compute)) {
      predict(denoiser, 1, BlockListener.none());
      List<ResidencyEvent> coming =
          policy.takeMoves().stream().filter(move -> move.direction() == Direction.LOADED).toList();
      List<Long> bytes = side.takeBroughtBytes();
      int blocks = coming.size() - projections(coming);
      List<Long> row = bytes.subList(bytes.size() - blocks, bytes.size());
      long pair = 0;
      for (int i = 1; i < row.size(); i++) {
        pair = Math.max(pair, row.get(i - 1) + row.get(i));
      }
      long parts = sum(row) + sum(bytes.subList(0, projections(coming)));
      long staying = weights.whole() - parts;
      assertThat(staying).isPositive();
      assertThat(weights.streamed()).isEqualTo(staying + pair);
      assertThat(weights.layerByLayer()).isEqualTo(staying + Longs.max(Longs.toArray(row)));
    }
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void aFailedMoveLeavesNothingBehind(Direction direction) {
    float[] expected = predictWhole();
    NativeObjects atFirst = NativeObjects.count();
    try (UnetDenoiser denoiser = open(policy, ComputeConfig.cpu())) {
      predict(denoiser, 1, BlockListener.none());
      NativeObjects objects = NativeObjects.count();
      policy.atEachMove(
          move -> {
            if (move.direction() == direction && move.part().equals("mid_block")) {
              throw new OutOfMemoryError("a cap");
            }
          });
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> predict(denoiser, 1, BlockListener.none()));
      objects.assertNoMore();
      policy.atEachMove(move -> {});
      assertThat(predict(denoiser, 1, BlockListener.none())).isEqualTo(expected);
    }
    atFirst.assertNoMore();
  }

  @Test
  void mayBeCancelledAndClosedWhileABlockIsPrefetched() {
    // The first prediction of the process makes native objects that stay.
    predictWhole();
    NativeObjects objects = NativeObjects.count();
    UnetDenoiser denoiser = open(policy, ComputeConfig.cpu());
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () ->
                predict(
                    denoiser,
                    1,
                    (done, total) -> {
                      denoiser.close();
                      throw new ArithmeticException("cancelled");
                    }));
    objects.assertNoMore();
  }

  private float[] predictWhole() {
    try (UnetDenoiser plain = open(OffloadPolicy.none(), ComputeConfig.cpu())) {
      return predict(plain, 1, BlockListener.none());
    }
  }

  private static List<Object> lastStep(List<Object> events) {
    Object entry = new ResidencyEvent(Component.DENOISER, "conv_in", Direction.LOADED);
    return events.subList(events.lastIndexOf(entry), events.size());
  }

  private static int projections(List<ResidencyEvent> coming) {
    return (int) coming.stream().filter(move -> move.part().endsWith("attn2")).count();
  }

  private static long sum(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).sum();
  }

  /** One step with both halves of guidance. */
  private static float[] predict(UnetDenoiser denoiser, int videos, BlockListener listener) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Random random = new Random(5);
      Tensor text = noise(random, 2 * videos, 3, denoiser.textWidth());
      Tensor latents = noise(random, videos, denoiser.inChannels(), 1, 8, 8);
      try (BoundDenoiser bound = denoiser.bind(new Conditioning(text, null, 1))) {
        return HostTensors.toFloats(bound.predict(latents, 500, listener));
      }
    }
  }

  private static Tensor noise(Random random, long... shape) {
    int count = 1;
    for (long dimension : shape) {
      count *= (int) dimension;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostTensors.of(values, shape);
  }

  private UnetDenoiser open(OffloadPolicy used, ComputeConfig compute) {
    return UnetDenoiser.open(
        checkpoint.unetConfig(),
        checkpoint.unetWeights(),
        new Placement(Component.DENOISER, used, compute, device -> side));
  }
}
