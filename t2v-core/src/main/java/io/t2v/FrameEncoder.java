package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.LatentSize;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Encodes frames one by one, so that memory does not grow with the clip.
 *
 * @param encoder of the pipeline
 * @param channels of its latents
 * @param size of its latents
 * @param finite looks at its results
 */
record FrameEncoder(VaeEncoder encoder, int channels, LatentSize size, FiniteCheck finite) {
  private static final String ADVICE =
      "Encode with Precision.FLOAT32, or BFLOAT16 in place of FLOAT16; if that is so already, the"
          + " weights may be damaged.";

  /**
   * Encodes all frames of all videos.
   *
   * @param videos of one size
   * @param afterEach told after each frame how many are done
   * @return unscaled, [videos × frames, channels, height, width], of the innermost open scope
   */
  LatentDistribution encode(List<Video> videos, IntConsumer afterEach) {
    try (VaeEncoder.Hold hold = encoder.hold();
        TensorScope scope = TensorScope.open()) {
      TensorVector means = new TensorVector();
      TensorVector logvars = new TensorVector();
      int done = 0;
      for (Video video : videos) {
        for (int i = 0; i < video.frameCount(); i++) {
          LatentDistribution frame = encode(video, i);
          means.push_back(frame.mean());
          logvars.push_back(frame.logvar());
          done++;
          afterEach.accept(done);
        }
      }
      return new LatentDistribution(
          scope.keep(torch.cat(means, 0)), scope.keep(torch.cat(logvars, 0)));
    }
  }

  private LatentDistribution encode(Video video, int index) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor image = Frames.toTensor(video.rgb(index), video.width(), video.height());
      LatentDistribution encoded = encoder.encode(image);
      checkState(encoded != null, "%s.encode returned null", encoder.getClass().getName());
      return new LatentDistribution(
          scope.keep(checked(encoded.mean(), "mean", index)),
          scope.keep(checked(encoded.logvar(), "logvar", index)));
    }
  }

  private Tensor checked(Tensor moment, String name, int index) {
    PlugInResult.check(
        moment, encoder, "encode()." + name, null, 1, channels, size.height(), size.width());
    finite.check(moment, "Frame " + index + " of the encoder", ADVICE);
    return moment;
  }
}
