package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.Progress.Phase;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.unet.LatentSize;
import java.util.List;
import java.util.Map;

/**
 * How much a run computes: for each phase in units that its time is proportional to, on one
 * machine. For the denoiser that is nearly so: all but three percent of its operations grow with
 * the number of latents.
 *
 * @param ofSteps what each step computes of a video, in whole predictions for one clip
 * @param units of each phase that takes time in every run; loading weights is none
 */
record RunWork(List<Double> ofSteps, Map<Phase, Double> units) {
  /**
   * Adds up a run.
   *
   * @param decodes whether frames are wanted
   */
  static RunWork of(
      GenerationRequest request,
      PipelineComponents components,
      RunSteps steps,
      LatentSize size,
      boolean decodes) {
    Acceleration acceleration = request.acceleration();
    double withCache =
        acceleration.cachesSteps()
            ? components.denoiser().workWithCache(acceleration.cacheDepth())
            : 1;
    List<Double> ofSteps = steps.work(acceleration.shortcuts(), withCache);
    double pixels = (double) size.height() * size.width();
    double predicted =
        request
            .window()
            .map(window -> window.plan(request.frames()))
            .map(plan -> (double) plan.windows(0).size() * plan.length())
            .orElse((double) request.frames());
    double images =
        request.initVideos().stream().mapToInt(Video::frameCount).sum()
            + request.keyImages().size();
    ImmutableMap.Builder<Phase, Double> units = ImmutableMap.builder();
    if (!ofSteps.isEmpty()) {
      units.put(Phase.ENCODE_TEXT, (double) request.videos());
      double predictions = ofSteps.stream().mapToDouble(Double::doubleValue).sum();
      units.put(Phase.DENOISE, predictions * request.videos() * predicted * pixels);
    }
    if (images > 0) {
      units.put(Phase.ENCODE_IMAGE, images * pixels);
    }
    if (decodes) {
      units.put(Phase.DECODE, (double) request.videos() * request.frames() * pixels);
    }
    return new RunWork(ofSteps, units.buildOrThrow());
  }
}
