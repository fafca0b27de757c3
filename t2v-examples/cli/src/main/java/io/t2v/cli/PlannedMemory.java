package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.checkpoint.CheckpointSummary;
import io.t2v.offload.OffloadPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a checkpoint takes on this machine with each offload policy, for one video. */
final class PlannedMemory {
  private static final int OTHERWISE = 256;

  private PlannedMemory() {}

  /**
   * Plans a video of the checkpoint's own size and length, with guidance; nothing is computed.
   *
   * @return name of the policy to bytes at the most; empty where the checkpoint cannot be run
   */
  static Map<String, Long> of(CheckpointSummary summary) {
    PipelineBuilder builder =
        TextToVideoPipeline.builder().checkpoint(summary.folder());
    summary.variant().ifPresent(builder::variant);
    GenerationRequest request =
        GenerationRequest.builder("a video")
            .size(summary.width().orElse(OTHERWISE), summary.height().orElse(OTHERWISE))
            .frames(summary.frames().orElse(GenerationRequest.DEFAULT_FRAMES))
            .build();
    try (TextToVideoPipeline pipeline = builder.build()) {
      Map<String, Long> peaks = new LinkedHashMap<>();
      for (OffloadPolicy policy :
          List.of(OffloadPolicy.none(), OffloadPolicy.component(), OffloadPolicy.disk())) {
        peaks.put(policy.toString(), pipeline.plan(request, policy).peakBytes());
      }
      return peaks;
    } catch (CheckpointException | IllegalArgumentException | IllegalStateException e) {
      // The summary says what is wrong with which component.
      return Map.of();
    }
  }
}
