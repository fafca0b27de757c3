package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.pipeline.WindowPlan.Window;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.DdimScheduler;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.testing.Golden;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDenoiser;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WindowedDenoiserTest {
  private static final WindowPlan PLAN = new WindowPlan(11, 4, 1, true, false, false);

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  private static Tensor latents(int videos, int frames) {
    torch.manual_seed(3);
    return torch.randn(videos, 4, frames, 2, 3);
  }

  /** Predicts the number of each frame within its clip, times its latents: windows disagree. */
  private record FrameNumbers() implements Unet3dDenoiser {
    @Override
    public int inChannels() {
      return 4;
    }

    @Override
    public int textWidth() {
      return 6;
    }

    @Override
    public Optional<LatentSize> sampleSize() {
      return Optional.empty();
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          int frames = (int) latents.size(2);
          float[] numbers = new float[frames];
          for (int i = 0; i < frames; i++) {
            numbers[i] = i;
          }
          return latents.mul(HostTensors.of(numbers, 1, 1, frames, 1, 1));
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void averagingPredictionsIsAveragingStepsOfDdim() {
    try (ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser windowed = new WindowedDenoiser(new FrameNumbers(), PLAN, 0).bind(onText(1));
        BoundDenoiser single = new FrameNumbers().bind(onText(1))) {
      Tensor latents = latents(1, 11);
      Tensor predicted = windowed.predict(latents, 1, BlockListener.none());
      Tensor stepped = step(predicted, latents);
      Tensor average = torch.zeros(1, 4, 11, 2, 3);
      for (Window window : PLAN.windows(0)) {
        Tensor frames = HostTensors.of(window.frames(), 4);
        Tensor part = latents.index_select(2, frames);
        Tensor own = step(single.predict(part, 1, BlockListener.none()), part);
        average.index_add_(2, frames, own.mul(HostTensors.of(window.shares(), 1, 1, 4, 1, 1)));
      }
      Golden.assertClose(
          "latents", HostTensors.toFloats(stepped), HostTensors.toFloats(average), 1e-6);
    }
  }

  private static Tensor step(Tensor predicted, Tensor latents) {
    try (SamplingPlan run =
            DdimScheduler.builder().clipSample(false).build().plan(new PlanRequest(10, 0));
        SeededNoise noise = new SeededNoise(List.of(1L))) {
      Tensor next =
          run.step(VideoLayout.foldFrames(predicted), 0, VideoLayout.foldFrames(latents), noise);
      return VideoLayout.unfoldFrames(next, latents.size(2));
    }
  }

  private static Conditioning onText(int clips) {
    return Conditioning.onText(torch.ones(clips, 5, 6));
  }

  @Test
  void asksForEachWindowOfBothHalvesAtOnce() {
    StubDenoiser stub = new StubDenoiser(6, null);
    List<String> blocks = new ArrayList<>();
    try (ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser windowed = new WindowedDenoiser(stub, PLAN, 0).bind(onText(4));
        BoundDenoiser plain = stub.bind(onText(4))) {
      Tensor latents = latents(2, 11);
      Tensor predicted =
          windowed.predict(latents, 1, (done, total) -> blocks.add(done + "/" + total));
      assertThat(stub.frames()).containsExactly(4, 4, 4, 4);
      assertThat(stub.clips()).containsExactly(4, 4, 4, 4);
      Golden.assertClose(
          "prediction",
          HostTensors.toFloats(predicted),
          HostTensors.toFloats(plain.predict(latents, 1, BlockListener.none())),
          1e-6);
    }
    assertThat(blocks).hasSize(12).startsWith("1/12", "2/12").endsWith("11/12", "12/12");
    assertThat(stub.open()).isZero();
  }

  @Test
  void givesEachWindowTheTextOfItsFrames() {
    StubDenoiser stub = new StubDenoiser(6, null);
    WindowPlan loop = new WindowPlan(11, 4, 1, true, true, true);
    NativeObjects objects = NativeObjects.count();
    for (int run = 0; run < 2; run++) {
      objects = NativeObjects.count();
      try (ComputeScope scope = ComputeScope.open(1)) {
        Tensor text = torch.randn(2, 11, 5, 6);
        Conditioning conditioning = Conditioning.onText(text);
        try (BoundDenoiser windowed = new WindowedDenoiser(stub, loop, 0).bind(conditioning);
            BoundDenoiser plain = stub.bind(conditioning)) {
          Tensor latents = latents(1, 11);
          for (int step = 0; step < 3; step++) {
            try (TensorScope one = TensorScope.open()) {
              Golden.assertClose(
                  "step " + step,
                  HostTensors.toFloats(windowed.predict(latents, 1, BlockListener.none())),
                  HostTensors.toFloats(plain.predict(latents, 1, BlockListener.none())),
                  1e-6);
            }
          }
        }
      }
    }
    objects.assertNoMore();
    assertThat(stub.open()).isZero();
  }

  /** Predicts the latents of the call that filled the cache. */
  private static final class Remembering implements Unet3dDenoiser {
    @Override
    public int inChannels() {
      return 4;
    }

    @Override
    public int textWidth() {
      return 6;
    }

    @Override
    public Optional<LatentSize> sampleSize() {
      return Optional.empty();
    }

    @Override
    public int cacheDepths() {
      return 3;
    }

    @Override
    public double workWithCache(int depth) {
      return 0.5;
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          return latents.clone();
        }

        @Override
        public Tensor predict(
            Tensor latents, double timestep, FeatureCache cache, BlockListener listener) {
          if (cache.isEmpty()) {
            cache.put(latents);
          }
          return cache.get().orElseThrow().clone();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void eachWindowHasFeaturesOfItsOwn() {
    WindowedDenoiser denoiser = new WindowedDenoiser(new Remembering(), PLAN, 0);
    assertThat(denoiser.cacheDepths()).isEqualTo(3);
    assertThat(denoiser.workWithCache(1)).isEqualTo(0.5);
    try (ComputeScope scope = ComputeScope.open(1);
        FeatureCache cache = new FeatureCache(1);
        BoundDenoiser windowed = denoiser.bind(onText(1))) {
      Tensor latents = latents(1, 11);
      float[] first = predict(windowed, latents, cache);
      assertThat(predict(windowed, latents.neg(), cache)).isEqualTo(first);
      cache.clear();
      assertThat(predict(windowed, latents.neg(), cache)[0]).isEqualTo(-first[0]);
    }
  }

  private static float[] predict(BoundDenoiser bound, Tensor latents, FeatureCache cache) {
    return HostTensors.toFloats(bound.predict(latents, 1, cache, BlockListener.none()));
  }
}
