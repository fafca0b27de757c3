package io.t2v.gpucheck;

import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;
import java.util.Map;

/** An offload policy: results of policy {@code none}, and the memory that it promises. */
record PolicyCheck(Subject subject, String name, OffloadPolicy policy) implements Check.Work {
  private static final double SAME = 1e-5;
  private static final Map<String, Double> PEAKS_GIB = Map.of("component", 4.0, "streaming", 2.0);
  private static final String MEMORY = "device memory, and its plan";

  @Override
  public void run(Findings findings) {
    NdArray expected = subject.plain().latents();
    NdArray found;
    try (TextToVideoPipeline pipeline = subject.open(Precision.FLOAT32, policy)) {
      found = subject.lab().latents(pipeline, subject.workload().parity());
    }
    Distance distance = Distance.of(found, expected);
    distance.addTo(findings);
    findings.atMost("relative error of latents against policy none", distance.relative(), SAME);
    Lab lab = subject.lab();
    if (lab.access().meter(lab.device()).isEmpty()) {
      findings.unheld(MEMORY, lab.noMeter());
      return;
    }
    MemoryRun run = MemoryRun.of(subject, policy, subject.workload().standard());
    run.addFigures(findings);
    subject
        .workload()
        .unheld()
        .ifPresentOrElse(why -> findings.unheld(MEMORY, why), () -> hold(run, findings));
  }

  private void hold(MemoryRun run, Findings findings) {
    Double peak = PEAKS_GIB.get(name);
    if (peak != null) {
      findings.atMost("peak device memory, in GiB", run.peakGib(), peak);
    }
    run.holdPlan(findings);
  }
}
