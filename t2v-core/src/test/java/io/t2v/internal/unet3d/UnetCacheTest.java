package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.FreeU;
import io.t2v.unet.UnetAdjustments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predictions with deep features of other ones. */
class UnetCacheTest {
  private static final int SAMPLES = 4;

  @TempDir Path folder;

  /**
   * Deep features of the same latents are what the prediction would compute itself: wherever the
   * network is cut, nothing changes.
   */
  @ParameterizedTest
  @CsvSource({
    "four-levels,none,1,false",
    "odd-latents,none,1,false",
    "one-level,none,1,false",
    "two-levels,none,3,true",
    "two-levels,disk,2,false"
  })
  void atEachDepthTheSameLatentsGiveTheSame(
      String model, String policy, int microBatch, boolean freeU) {
    try (UnetDenoiser denoiser = open(model, policy);
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, microBatch, freeU)) {
      Tensor latents = latents(denoiser, 1);
      float[] plain = HostTensors.toFloats(bound.predict(latents, 481, BlockListener.none()));
      int before = 0;
      for (int depth = 0; depth < denoiser.cacheDepths(); depth++) {
        try (FeatureCache cache = new FeatureCache(depth)) {
          assertThat(predict(bound, latents, cache)).as("depth %s", depth).isEqualTo(plain);
          assertThat(cache.isEmpty()).isFalse();
          List<Integer> blocks = new ArrayList<>();
          Tensor cached =
              bound.predict(latents, 481, cache, (done, total) -> blocks.add(total - done));
          assertThat(HostTensors.toFloats(cached)).as("depth %s", depth).isEqualTo(plain);
          assertThat(blocks).hasSizeGreaterThan(before).endsWith(0);
          before = blocks.size();
        }
      }
      assertThat(denoiser.cacheDepths()).isGreaterThan(1);
    }
  }

  /** Two of the input block, one a video; the last layer and the output for each sample. */
  @Test
  void atDepthZeroOnlyTheOutermostBlocksAreComputed() {
    try (UnetDenoiser denoiser = open("four-levels", "none");
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, 1, false);
        FeatureCache cache = new FeatureCache(0)) {
      Tensor latents = latents(denoiser, 1);
      predict(bound, latents, cache);
      List<Integer> totals = new ArrayList<>();
      bound.predict(latents, 481, cache, (done, total) -> totals.add(total));
      assertThat(totals).hasSize(2 + 2 * SAMPLES).containsOnly(2 + 2 * SAMPLES);
    }
  }

  @Test
  void otherLatentsGiveSomethingBetween() {
    try (UnetDenoiser denoiser = open("two-levels", "none");
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, 1, false);
        FeatureCache cache = new FeatureCache(1)) {
      float[] before = predict(bound, latents(denoiser, 1), cache);
      float[] cached = predict(bound, latents(denoiser, 2), cache);
      cache.clear();
      assertThat(cached).isNotEqualTo(before);
      assertThat(cached).isNotEqualTo(predict(bound, latents(denoiser, 2), cache));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (UnetDenoiser denoiser = open("two-levels", "none");
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, 1, false);
        FeatureCache cache = new FeatureCache(0);
        FeatureCache deeper = new FeatureCache(denoiser.cacheDepths())) {
      Tensor latents = latents(denoiser, 1);
      predict(bound, latents, cache);
      Tensor longer = torch.cat(new TensorVector(latents, latents), 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> bound.predict(longer, 481, cache, BlockListener.none()))
          .withMessageContaining("do not fit latents");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> bound.predict(latents, 481, deeper, BlockListener.none()))
          .withMessageContaining("the depth of the cache is");
    }
  }

  @Test
  void leavesNothingBehind() {
    try (UnetDenoiser denoiser = open("two-levels", "none");
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, 1, false)) {
      useAndClear(denoiser, bound);
      NativeObjects objects = NativeObjects.count();
      useAndClear(denoiser, bound);
      objects.assertNoMore();
    }
  }

  private static void useAndClear(UnetDenoiser denoiser, BoundDenoiser bound) {
    try (ComputeScope scope = ComputeScope.open(1);
        FeatureCache cache = new FeatureCache(1)) {
      for (int i = 0; i < 4; i++) {
        if (i % 2 == 0) {
          cache.clear();
        }
        predict(bound, latents(denoiser, i), cache);
      }
    }
  }

  /** Shares of the published model's 9.77 TFLOP, counted operation by operation. */
  @ParameterizedTest
  @CsvSource({"0,0.100", "1,0.217", "2,0.340"})
  void knowsWhatIsLeftToCompute(int depth, double share) {
    UnetConfig published = UnetConfig.read(JsonConfig.of("test", Map.of()));
    assertThat(UnetWork.of(published).share(NetworkCut.at(published, depth)))
        .isCloseTo(share, within(0.015));
  }

  private UnetDenoiser open(String model, String policy) {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write(model, folder.resolve(model)));
    OffloadPolicy used = policy.equals("none") ? OffloadPolicy.none() : OffloadPolicy.disk();
    return UnetDenoiser.open(
        checkpoint.unetConfig(), checkpoint.unetWeights(), new Placement(Component.DENOISER, used));
  }

  private static BoundDenoiser bind(UnetDenoiser denoiser, int microBatch, boolean freeU) {
    torch.manual_seed(5);
    Tensor text = torch.randn(SAMPLES, 7, denoiser.textWidth());
    Optional<FreeU> scaling = freeU ? Optional.of(FreeU.recommended()) : Optional.empty();
    return denoiser.bind(
        new Conditioning(text, null, microBatch, new UnetAdjustments(scaling, 1, 1)));
  }

  /** Of two videos, each of which two samples share. */
  private static Tensor latents(UnetDenoiser denoiser, int seed) {
    torch.manual_seed(seed);
    return torch.randn(2, denoiser.inChannels(), 3, 9, 10);
  }

  private static float[] predict(BoundDenoiser bound, Tensor latents, FeatureCache cache) {
    return HostTensors.toFloats(bound.predict(latents, 481, cache, BlockListener.none()));
  }
}
