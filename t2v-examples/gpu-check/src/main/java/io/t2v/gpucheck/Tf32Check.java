package io.t2v.gpucheck;

import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;

/** What TF32 does to float32: its error, and its time. */
record Tf32Check(Subject subject) implements Check.Work {
  private static final double LATENTS = 2e-2;

  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    if (lab.access().tf32(lab.device()).isEmpty()) {
      throw new NotRunException(lab.device() + " has no TF32");
    }
    NdArray strict = subject.plain().latents();
    try (TextToVideoPipeline pipeline = subject.open(Precision.FLOAT32, OffloadPolicy.none())) {
      seconds(pipeline);
      findings.figure("strictSeconds", seconds(pipeline));
      lab.useTf32(true);
      NdArray found = lab.latents(pipeline, subject.workload().parity());
      Distance distance = Distance.of(found, strict);
      distance.addTo(findings);
      findings.atMost("relative error of latents", distance.relative(), LATENTS);
      seconds(pipeline);
      findings.figure("tf32Seconds", seconds(pipeline));
    } finally {
      lab.useTf32(false);
    }
  }

  private double seconds(TextToVideoPipeline pipeline) {
    long start = System.nanoTime();
    subject.lab().latents(pipeline, CheckRequests.withFewSteps(subject.workload().standard()));
    return Timing.since(start);
  }
}
