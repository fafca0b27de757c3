package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import io.t2v.InsufficientMemoryException;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;

/** A request that its plan refuses leaves the pipeline usable. */
record RefusalCheck(Subject subject) implements Check.Work {
  private static final int TIMES = 8;

  @Override
  public void run(Findings findings) {
    GenerationRequest request = subject.workload().parity();
    Outcome expected = subject.plain();
    long limit = plannedBytes(request);
    findings.figure("limitBytes", limit);
    try (TextToVideoPipeline pipeline =
        subject.onDevice().precision(Precision.FLOAT32).memoryLimit(limit).build()) {
      int refused = 0;
      try {
        subject.lab().video(pipeline, request.toBuilder().frames(TIMES * request.frames()).build());
      } catch (InsufficientMemoryException e) {
        refused = 1;
        findings.figure("refusal", e.getMessage());
      }
      findings.atLeast("requests refused that are too large", refused, 1);
      StillRight.hold(findings, subject.lab().latents(pipeline, request), expected);
    }
  }

  /** What the request takes, to the byte: more frames are too many. */
  private long plannedBytes(GenerationRequest request) {
    try (TextToVideoPipeline pipeline = subject.onDevice().precision(Precision.FLOAT32).build()) {
      return pipeline.plan(request).peakBytes();
    }
  }
}
