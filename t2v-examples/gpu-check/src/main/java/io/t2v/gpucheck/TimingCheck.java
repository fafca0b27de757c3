package io.t2v.gpucheck;

/** How long the standard workload takes: figures for the comparison with the reference. */
record TimingCheck(Subject subject) implements Check.Work {
  @Override
  public void run(Findings findings) {
    subject.timings().forEach((way, timing) -> findings.figure(way, timing.toMap()));
    findings.figure("steps", subject.workload().standard().steps());
    findings.figure("frames", subject.workload().standard().frames());
  }
}
