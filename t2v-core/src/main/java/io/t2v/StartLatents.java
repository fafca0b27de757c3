package io.t2v;

import io.t2v.Progress.Phase;
import io.t2v.internal.pipeline.HeldFrames;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.pipeline.SeededNoise;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.unet.LatentSize;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a run starts from: noise, or a video with noise, and the images of its key frames.
 *
 * <p>The order of random draws is the reference's: the encoder's posterior, then the noise.
 */
final class StartLatents {
  private final PipelineComponents components;
  private final GenerationRequest request;
  private final LatentSize size;
  private final List<Video> videos;

  /** Of the videos, then of the images; null if the request has neither. */
  private final @Nullable LatentDistribution encoded;

  private StartLatents(
      PipelineComponents components,
      GenerationRequest request,
      LatentSize size,
      List<Video> videos,
      @Nullable LatentDistribution encoded) {
    this.components = components;
    this.request = request;
    this.size = size;
    this.videos = videos;
    this.encoded = encoded;
  }

  /**
   * Encodes the frames and images of a request, if it has any.
   *
   * @param videos the request's; none where a saved run has its latents
   */
  static StartLatents encode(
      PipelineComponents components,
      GenerationRequest request,
      List<Video> videos,
      LatentSize size,
      FiniteCheck finite,
      ProgressTracker tracker) {
    List<Video> all = new ArrayList<>(videos);
    all.addAll(request.keyImages());
    if (all.isEmpty()) {
      return new StartLatents(components, request, size, videos, null);
    }
    int count = all.stream().mapToInt(Video::frameCount).sum();
    FrameEncoder encoder =
        new FrameEncoder(
            components.vaeEncoder().orElseThrow(),
            components.denoiser().inChannels(),
            size,
            finite);
    return new StartLatents(
        components,
        request,
        size,
        videos,
        tracker.phase(
            Phase.ENCODE_IMAGE,
            count,
            () ->
                encoder.encode(all, done -> tracker.advance(Phase.ENCODE_IMAGE, done, count, 0))));
  }

  /**
   * Draws what the first step sees, [videos, channels, frames, height, width], of the innermost
   * open scope.
   */
  Tensor noisy(RunSteps steps, SeededNoise noise) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          request.startsFromVideo()
              ? unfolded(noised(clean(noise), steps, noise))
              : initialNoise(noise).mul(new Scalar(steps.plan().initialNoiseScale())));
    }
  }

  /** The video without noise, [videos, channels, frames, height, width]. */
  Tensor withoutNoise(SeededNoise noise) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(unfolded(clean(noise)));
    }
  }

  private Tensor unfolded(Tensor folded) {
    return VideoLayout.unfoldFrames(folded, request.frames());
  }

  private Tensor initialNoise(SeededNoise noise) {
    return toDevice(request.latents().map(NdArray::toTensor).orElseGet(() -> drawn(noise)));
  }

  private Tensor drawn(SeededNoise noise) {
    int channels = components.denoiser().inChannels();
    return request
        .window()
        .filter(FrameWindow::correlatedNoise)
        .map(
            window ->
                noise.correlatedLatents(
                    channels,
                    request.frames(),
                    size.height(),
                    size.width(),
                    window.length(),
                    window.length() - window.overlap()))
        .orElseGet(
            () -> noise.initialLatents(channels, request.frames(), size.height(), size.width()));
  }

  /** As in the reference, the initial noise scale is not applied. */
  private static Tensor noised(Tensor clean, RunSteps steps, SeededNoise noise) {
    SamplingPlan plan = steps.plan();
    Tensor fresh = noise.randnLike(clean);
    Fingerprint before = Fingerprint.of(plan, clean, fresh);
    Tensor noised = plan.addNoise(clean, fresh, steps.start());
    PlugInResult.check(noised, plan, "addNoise", null, HostTensors.shape(clean));
    before.requireUnchanged(plan, "addNoise", clean, fresh);
    return noised;
  }

  /** [videos × frames, channels, height, width]. */
  private Tensor clean(SeededNoise noise) {
    if (request.initLatents().isPresent()) {
      return VideoLayout.foldFrames(toDevice(request.initLatents().orElseThrow().toTensor()));
    }
    LatentDistribution videos = ofEachVideo(requireEncoded());
    Tensor latents =
        request.initPosterior() == Posterior.MEAN
            ? videos.mode()
            : videos.sample(noise.randnLike(videos.mean()));
    return scaled(latents);
  }

  /** One video to start from serves all. */
  private LatentDistribution ofEachVideo(LatentDistribution all) {
    long frames = encodedFrames();
    int copies = request.videos() / videos.size();
    return new LatentDistribution(
        repeated(all.mean().narrow(0, 0, frames), copies),
        repeated(all.logvar().narrow(0, 0, frames), copies));
  }

  private long encodedFrames() {
    return (long) videos.size() * request.frames();
  }

  private LatentDistribution requireEncoded() {
    return Optional.ofNullable(encoded).orElseThrow();
  }

  private static Tensor repeated(Tensor x, int copies) {
    return torch.cat(new TensorVector(Collections.nCopies(copies, x).toArray(new Tensor[0])), 0);
  }

  /**
   * The key frames of the request, at the means of their images, of the innermost open scope.
   *
   * @param start index of the first timestep of the run
   */
  Optional<HeldFrames> heldFrames(int start) {
    if (request.keyFrames().isEmpty()) {
      return Optional.empty();
    }
    List<Video> images = request.keyImages();
    List<Double> weights = new ArrayList<>(Collections.nCopies(request.frames(), 1.0));
    try (TensorScope scope = TensorScope.open()) {
      Tensor means = scaled(requireEncoded().mean());
      Tensor video = torch.zeros_like(means.narrow(0, 0, 1)).repeat(request.frames(), 1, 1, 1);
      request
          .keyFrames()
          .forEach(
              (frame, key) -> {
                long row = encodedFrames() + images.indexOf(key.image());
                weights.set(frame, key.weight());
                video.narrow(0, frame, 1).copy_(means.narrow(0, row, 1));
              });
      return Optional.of(
          new HeldFrames(
              scope.keep(repeated(video, request.videos())), weights, heldParts(scope), start));
    }
  }

  /** Where frames are held, [videos × frames, 1, height, width]; null if none has a mask. */
  private @Nullable Tensor heldParts(TensorScope scope) {
    if (request.keyFrames().values().stream().allMatch(key -> key.mask().isEmpty())) {
      return null;
    }
    Tensor free = torch.zeros(request.frames(), 1, size.height(), size.width());
    request
        .keyFrames()
        .forEach(
            (frame, key) ->
                key.mask()
                    .map(mask -> mask.ofLatents(size.height(), size.width()))
                    .ifPresent(cells -> free.narrow(0, frame, 1).copy_(cells)));
    Tensor held = free.eq(new Scalar(0.0));
    return scope.keep(repeated(components.runCompute().place(held), request.videos()));
  }

  private Tensor scaled(Tensor latents) {
    VaeEncoder encoder = components.vaeEncoder().orElseThrow();
    return toDevice(latents.mul(new Scalar(encoder.scalingFactor())));
  }

  private Tensor toDevice(Tensor x) {
    return components.runCompute().toCompute(x);
  }
}
