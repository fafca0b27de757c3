package io.t2v;

import io.t2v.internal.autoencoder.LatentRgbFactors;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.vae.VaeDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Shows the latents of a run, if somebody wants to see them. */
final class Previewer {
  private final PreviewMode mode;
  private final VaeDecoder decoder;
  private final Supplier<LatentRgbFactors> colors;
  private final double framesPerSecond;

  Previewer(
      PreviewMode mode,
      VaeDecoder decoder,
      Supplier<LatentRgbFactors> colors,
      double framesPerSecond) {
    this.mode = mode;
    this.decoder = decoder;
    this.colors = colors;
    this.framesPerSecond = framesPerSecond;
  }

  /**
   * Makes the preview of a step: the clean latents that its prediction means.
   *
   * @param index of the step, from 0
   * @param prediction [videos, channels, frames, height, width]
   * @param latents before the step, of the same shape
   */
  Optional<Preview> of(int index, SamplingPlan plan, Tensor prediction, Tensor latents) {
    if (mode == PreviewMode.NONE) {
      return Optional.empty();
    }
    int step = index + 1;
    int steps = plan.timesteps().length;
    try (TensorScope scope = TensorScope.open()) {
      Tensor shown =
          VideoLayout.unfoldFrames(
              plan.predictX0(
                  VideoLayout.foldFrames(prediction), index, VideoLayout.foldFrames(latents)),
              latents.size(2));
      List<Video> videos = new ArrayList<>();
      for (long i = 0; i < shown.size(0); i++) {
        videos.add(video(shown.select(0, i).transpose(0, 1).contiguous()));
      }
      return Optional.of(new Preview(step, steps, videos));
    }
  }

  /** From [frames, channels, height, width]. */
  private Video video(Tensor latents) {
    int factor = mode == PreviewMode.DECODED ? decoder.scaleFactor() : 1;
    int width = (int) latents.size(3);
    int height = (int) latents.size(2);
    List<byte[]> frames = new ArrayList<>();
    for (long i = 0; i < latents.size(0); i++) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor one = latents.narrow(0, i, 1);
        frames.add(
            mode == PreviewMode.DECODED
                ? Frames.toRgb(decoder.decode(one), PixelRounding.NEAREST).get(0)
                : colors.get().paint(HostTensors.toFloats(one), width * height));
      }
    }
    return Video.of(width * factor, height * factor, framesPerSecond, frames, Provenance.unknown());
  }
}
