package io.t2v.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import io.t2v.device.ComputeDevice;
import io.t2v.internal.memory.MemoryPlanner.Change;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans for a device that is not there: its memory is a number. */
class MemoryPlannerTest {
  private static final long MIB = 1L << 20;
  private static final long BESIDE = 64 * MIB;
  private static final Workload TWO_GUIDED_VIDEOS = new Workload(2, true, 16, 32, 32, 1);

  private final Map<Component, Supplier<Footprint>> networks =
      ImmutableMap.of(
          Component.TEXT_ENCODER, () -> network(400, 100, 10),
          Component.DENOISER, () -> network(2000, 200, 300),
          Component.VAE_DECODER, () -> decoder(500));

  /** Activations for each clip of a batch; weights layer by layer take what one layer does. */
  private static Footprint network(long weights, long layer, long activations) {
    return new Footprint(
        new WeightFootprint(
            weights * MIB, weights * MIB, layer * MIB, 2 * layer * MIB, weights * MIB, 0),
        workload -> activations * workload.microBatch() * MIB,
        workload -> activations * workload.microBatch() * MIB);
  }

  /** One frame at a time, however many clips there are. */
  private static Footprint decoder(long activations) {
    return new Footprint(
        new WeightFootprint(100 * MIB, 100 * MIB, 100 * MIB, 100 * MIB, 0, 0),
        workload -> activations * MIB,
        workload -> activations * MIB);
  }

  @Test
  void computesAsManyClipsTogetherAsFit() {
    // Denoiser, decoder that is kept, and what is there beside them.
    long weights = 2100 * MIB + BESIDE;
    assertThat(microBatch(weights + 1200 * MIB)).isEqualTo(4);
    assertThat(microBatch(weights + 1200 * MIB - 1)).as("one video at a time").isEqualTo(2);
    assertThat(microBatch(weights + 600 * MIB - 1)).as("halves of guidance").isEqualTo(1);
    assertThat(microBatch(MIB)).as("nothing fits").isEqualTo(1);
  }

  /** The denoiser takes 300 MiB of activations for each of two clips, the decoder 100 a frame. */
  @ParameterizedTest
  @CsvSource({"1, 1", "4, 4", "8, 6"})
  void decodesAsManyFramesTogetherAsTakeNoMoreThanDenoising(int most, int expected) {
    Map<Component, Supplier<Footprint>> two =
        ImmutableMap.of(
            Component.DENOISER, () -> network(2000, 200, 300),
            Component.VAE_DECODER,
                () ->
                    new Footprint(
                        decoder(0).weights(),
                        workload -> 100L * workload.decodeBatch() * MIB,
                        workload -> 100L * workload.decodeBatch() * MIB));
    MemoryPlan plan = planDecoding(most, two);
    assertThat(plan.decodeBatch()).isEqualTo(expected);
    assertThat(plan.peakBytes()).isEqualTo(planDecoding(1, two).peakBytes());
    assertThat(plan.shares().get(1).activationBytes()).isEqualTo(100L * expected * MIB);
  }

  private static MemoryPlan planDecoding(int most, Map<Component, Supplier<Footprint>> networks) {
    return new MemoryPlanner(
            networks, List.of(), ComputeDevice.cuda(0), 0, most, () -> 9000 * MIB, () -> 9000 * MIB)
        .plan(new Workload(1, true, 16, 32, 32, 1));
  }

  @Test
  void decodesAtLeastOneFrame() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> planDecoding(0, networks))
        .withMessage("mostDecoded is 0, expected at least 1");
  }

  /** Reading a weight and computing with it are not at the same time. */
  @Test
  void countsWhatLoadingTakesIfThatIsMore() {
    assertThat(peakWith(40, 30)).isEqualTo(BESIDE + 140 * MIB);
    assertThat(peakWith(30, 40)).isEqualTo(BESIDE + 140 * MIB);
  }

  private static long peakWith(long loading, long activations) {
    Map<Component, Supplier<Footprint>> network =
        Map.of(
            Component.DENOISER,
            () ->
                new Footprint(
                    new WeightFootprint(100 * MIB, 0, 0, 0, 0, loading * MIB),
                    workload -> activations * MIB,
                    workload -> activations * MIB));
    return new MemoryPlanner(network, List.of(), ComputeDevice.cpu(), 0, 1, () -> 0, () -> 0)
        .plan(TWO_GUIDED_VIDEOS)
        .peakBytes();
  }

  @Test
  void aProcessorComputesOneClipAtATime() {
    MemoryPlanner planner = planner(ComputeDevice.cpu(), 100_000 * MIB, List.of());
    assertThat(planner.plan(TWO_GUIDED_VIDEOS).microBatch()).isEqualTo(1);
    assertThat(planner.plan(TWO_GUIDED_VIDEOS).host()).isEmpty();
  }

  @Test
  void theProcessorsSideIsPlannedBesideADevice() {
    MemoryPlanner planner = planner(ComputeDevice.cuda(0), 100_000 * MIB, List.of());
    MemoryPlan plan = planner.plan(TWO_GUIDED_VIDEOS);
    assertThat(plan.device()).isEqualTo(ComputeDevice.cuda(0));
    assertThat(plan.host().orElseThrow().peakBytes()).isEqualTo(BESIDE);
    assertThat(plan.toString()).contains("on cuda:0").contains("in host memory");
    MemoryPlanner noHost =
        new MemoryPlanner(
            networks,
            List.of(),
            ComputeDevice.cuda(0),
            0,
            1,
            () -> 100_000 * MIB,
            () -> BESIDE - 1);
    assertThat(noHost.plan(TWO_GUIDED_VIDEOS).fits()).isFalse();
  }

  @Test
  void namesTheFirstChangeThatFits() {
    Change tiles = change("vaeTiling(...)", 2000, 200, 300, 50);
    Change eightBits = change("precision(Precision.INT8)", 500, 200, 300, 500);
    List<Change> changes = List.of(tiles, eightBits);
    assertThat(cure(OffloadPolicy.disk(), 600, List.of(tiles))).startsWith("vaeTiling(...) would");
    assertThat(cure(OffloadPolicy.none(), 1300, changes)).contains("OffloadPolicy.disk()");
  }

  /** Frames are bisected, and memory is asked for once. */
  @ParameterizedTest
  @ValueSource(ints = {3, 100_000, Integer.MAX_VALUE})
  void namesTheMostFramesThatFit(int frames) {
    AtomicInteger asked = new AtomicInteger();
    Map<Component, Supplier<Footprint>> growing =
        Map.of(
            Component.DENOISER,
            () ->
                new Footprint(
                    new WeightFootprint(0, 0, 0, 0, 0, 0),
                    workload -> workload.frames() * MIB,
                    workload -> workload.frames() * MIB));
    MemoryPlanner planner =
        new MemoryPlanner(
            growing,
            List.of(),
            ComputeDevice.cpu(),
            0,
            1,
            () -> {
              asked.incrementAndGet();
              return BESIDE + 2 * MIB;
            },
            () -> 0);
    MemoryPlan plan = planner.plan(new Workload(1, false, frames, 4, 4, 1));
    assertThat(plan.suggestion()).contains("window(FrameWindow.of(2)) or frames(2) would fit");
    assertThat(asked).hasValue(1);
  }

  @Test
  void suggestsNothingIfNotEvenOneFrameFits() {
    MemoryPlanner planner = planner(ComputeDevice.cpu(), MIB, List.of());
    MemoryPlan plan = planner.plan(new Workload(1, false, Integer.MAX_VALUE, 4, 4, 1));
    assertThat(plan.suggestion()).isEmpty();
  }

  @Test
  void streamedWeightsWaitOnTheProcessorsSide() {
    MemoryPlan plan =
        planner(ComputeDevice.cuda(0), 100_000 * MIB, List.of())
            .planWith(OffloadPolicy.streaming(), TWO_GUIDED_VIDEOS);
    assertThat(plan.host().orElseThrow().peakBytes()).isEqualTo(BESIDE + 2400 * MIB);
    assertThat(plan.peakBytes()).as("two layers, four clips").isEqualTo(BESIDE + 1600 * MIB);
  }

  @Test
  void whatWaitsIsLoadedOnceAPartHasCome() {
    MemoryPlanner planner = planner(ComputeDevice.cuda(0), 100_000 * MIB, List.of());
    OffloadPolicy policy = planner.settle(OffloadPolicy.streaming(), () -> TWO_GUIDED_VIDEOS);
    assertThat(planner.plan(TWO_GUIDED_VIDEOS).host().orElseThrow().loadedBytes()).isZero();
    policy.onResidencyChange(
        new ResidencyEvent(Component.DENOISER, "mid_block", ResidencyEvent.Direction.LOADED));
    policy.onResidencyChange(
        new ResidencyEvent(Component.DENOISER, "mid_block", ResidencyEvent.Direction.RELEASED));
    MemoryPlan plan = planner.plan(TWO_GUIDED_VIDEOS);
    assertThat(plan.host().orElseThrow().loadedBytes()).isEqualTo(2000 * MIB);
    assertThat(plan.loadedBytes()).as("on the device").isZero();
  }

  @Test
  void streamingIsBetweenComponentAndDisk() {
    MemoryPlanner planner = planner(ComputeDevice.cuda(0), BESIDE + 750 * MIB, List.of());
    OffloadPolicy chosen = planner.settle(OffloadPolicy.auto(), () -> TWO_GUIDED_VIDEOS);
    assertThat(chosen.residency(Component.DENOISER)).isEqualTo(Residency.STREAMED);
    MemoryPlanner tight = planner(ComputeDevice.cuda(0), BESIDE + 650 * MIB, List.of());
    assertThat(
            tight
                .settle(OffloadPolicy.auto(), () -> TWO_GUIDED_VIDEOS)
                .residency(Component.DENOISER))
        .isEqualTo(Residency.LAYER_BY_LAYER);
  }

  private Change change(String name, long unet, long layer, long unetActivations, long vae) {
    return new Change(
        name,
        ImmutableMap.of(
            Component.DENOISER, () -> network(unet, layer, unetActivations),
            Component.VAE_DECODER, () -> decoder(vae)));
  }

  private String cure(OffloadPolicy policy, long available, List<Change> changes) {
    MemoryPlanner planner = planner(ComputeDevice.cpu(), available * MIB, changes);
    OffloadPolicy unused = planner.settle(policy, () -> TWO_GUIDED_VIDEOS);
    return planner.plan(TWO_GUIDED_VIDEOS).suggestion().orElseThrow();
  }

  private int microBatch(long available) {
    return planner(ComputeDevice.cuda(0), available, List.of())
        .plan(TWO_GUIDED_VIDEOS)
        .microBatch();
  }

  private MemoryPlanner planner(ComputeDevice device, long available, List<Change> changes) {
    return new MemoryPlanner(networks, changes, device, 0, 1, () -> available, () -> 100_000 * MIB);
  }
}
