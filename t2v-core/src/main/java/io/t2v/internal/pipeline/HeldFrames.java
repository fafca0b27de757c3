package io.t2v.internal.pipeline;

import io.t2v.guidance.LatentConstraintRun;
import io.t2v.internal.torch.TensorScope;
import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Holds frames at given images for a part of the run, each by its weight: while at least this share
 * of the run is still to come, the frame is replaced by its image with fresh noise. A frame of
 * weight 0 is held to the end and comes out as its image; one of weight 1 is free. The rule is that
 * of the web UI extension for this model, whose last step left no frame at its image, and whose
 * noise had no seed. Where a mask leaves a part of the frame free, the rest of it is held: the
 * inpainting of Lugmayr et al., "RePaint", without its repetitions.
 *
 * <p>Draws noise only while a frame is held, so that a run with nothing but free frames is the
 * plain one.
 */
public final class HeldFrames implements LatentConstraintRun {
  private final Tensor clean;
  private final List<Double> weights;
  private final @Nullable Tensor held;
  private final int start;

  /**
   * Starts a run.
   *
   * @param clean latents of the images, [videos × frames, channels, height, width]; any value for
   *     free frames
   * @param weights of the frames of a video, 0 to 1
   * @param held of the shape of one channel of {@code clean}: true where a frame is held, as far as
   *     its weight says; null for whole frames
   * @param start index of the first timestep of the run
   */
  public HeldFrames(Tensor clean, List<Double> weights, @Nullable Tensor held, int start) {
    this.clean = clean;
    this.weights = List.copyOf(weights);
    this.held = held;
    this.start = start;
  }

  @Override
  public Tensor constrain(Tensor latents, int index, SamplingPlan plan, Noise noise) {
    int end = plan.timesteps().length;
    double toCome = index == end ? 0 : (double) (end - index) / (end - start);
    int[] frames =
        IntStream.range(0, weights.size())
            .filter(frame -> weights.get(frame) < 1 && weights.get(frame) <= toCome)
            .toArray();
    if (frames.length == 0) {
      return latents;
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor images = index == end ? clean : plan.addNoise(clean, noise.randnLike(clean), index);
      Tensor changed = latents.clone();
      for (int video = 0; video < noise.videos(); video++) {
        for (int frame : frames) {
          long row = (long) video * weights.size() + frame;
          Tensor place = changed.narrow(0, row, 1);
          Tensor image = images.narrow(0, row, 1);
          place.copy_(held == null ? image : image.where(held.narrow(0, row, 1), place));
        }
      }
      return scope.keep(changed);
    }
  }
}
