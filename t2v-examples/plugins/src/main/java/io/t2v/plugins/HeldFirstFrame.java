package io.t2v.plugins;

import io.t2v.NdArray;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Holds the first frame of each video at given latents, such as the last frame of another video:
 * after each step they are put in again, with as much noise as the other frames have then.
 *
 * @param frame [channels, height, width], clean, on the denoiser's scale
 */
public record HeldFirstFrame(NdArray frame) implements LatentConstraint {
  @Override
  public String name() {
    return "HeldFirstFrame";
  }

  @Override
  public Map<String, Object> config() {
    return Map.of("frame", List.of(frame.toString()));
  }

  @Override
  public LatentConstraintRun newRun() {
    return (latents, index, plan, noise) ->
        GuidanceRun.scoped(() -> held(latents, index, plan, noise));
  }

  private Tensor held(Tensor latents, int index, SamplingPlan plan, Noise noise) {
    long frames = latents.size(0) / noise.videos();
    Tensor clean = tensor().to(latents.device(), ScalarType.Float).repeat(noise.videos(), 1, 1, 1);
    Tensor noisy =
        index < plan.timesteps().length
            ? plan.addNoise(clean, noise.randnLike(clean), index)
            : clean;
    Tensor result = latents.clone();
    for (int video = 0; video < noise.videos(); video++) {
      result.narrow(0, video * frames, 1).copy_(noisy.narrow(0, video, 1));
    }
    return result;
  }

  /** [1, channels, height, width]. */
  private Tensor tensor() {
    long[] shape = frame.shape();
    return torch
        .from_blob(new FloatPointer(frame.values()), 1, shape[0], shape[1], shape[2])
        .clone();
  }
}
