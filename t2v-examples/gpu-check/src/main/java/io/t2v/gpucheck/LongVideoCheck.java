package io.t2v.gpucheck;

import io.t2v.offload.OffloadPolicy;

/** 64 frames, one network at a time on the device, as the reference's documents have it. */
record LongVideoCheck(Subject subject) implements Check.Work {
  private static final double PEAK_GIB = 5;

  @Override
  public void run(Findings findings) {
    MemoryRun run = MemoryRun.of(subject, OffloadPolicy.component(), subject.workload().longest());
    run.addFigures(findings);
    subject
        .workload()
        .unheld()
        .ifPresentOrElse(
            why -> findings.unheld("peak device memory, and its plan", why),
            () -> {
              findings.atMost("peak device memory, in GiB", run.peakGib(), PEAK_GIB);
              run.holdPlan(findings);
            });
  }
}
