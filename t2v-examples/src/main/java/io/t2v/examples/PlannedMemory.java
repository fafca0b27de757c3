package io.t2v.examples;

import io.t2v.CheckpointSummary;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.offload.OffloadPolicy;
import java.util.LinkedHashMap;
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
    Map<String, Long> peaks = new LinkedHashMap<>();
    try {
      peaks.put("none", peak(summary, OffloadPolicy.none()));
      peaks.put("component", peak(summary, OffloadPolicy.component()));
      peaks.put("disk", peak(summary, OffloadPolicy.disk()));
      return peaks;
    } catch (CheckpointException | IllegalArgumentException | IllegalStateException e) {
      // The summary says what is wrong with which component.
      return Map.of();
    }
  }

  private static long peak(CheckpointSummary summary, OffloadPolicy policy) {
    TextToVideoPipeline.Builder builder =
        TextToVideoPipeline.builder().checkpoint(summary.folder()).offload(policy);
    summary.variant().ifPresent(builder::variant);
    GenerationRequest request =
        GenerationRequest.builder("a video")
            .size(summary.width().orElse(OTHERWISE), summary.height().orElse(OTHERWISE))
            .frames(summary.frames().orElse(GenerationRequest.DEFAULT_FRAMES))
            .build();
    try (TextToVideoPipeline pipeline = builder.build()) {
      return pipeline.plan(request).peakBytes();
    }
  }
}
