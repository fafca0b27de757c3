package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.offload.OffloadPolicy;

/**
 * A pipeline that is closed gives the device back. CUDA's own context, kernels and workspaces come
 * with the first one and stay with the process, so a second one is measured.
 */
record CacheReleaseCheck(Subject subject) implements Check.Work {
  private static final double MIB = 1L << 20;

  /** The driver counts in pages of 2 MiB, and a library may keep a workspace a stream. */
  private static final double KEPT_MIB = 64;

  @Override
  public void run(Findings findings) {
    DeviceMeter meter = subject.lab().requireMeter();
    generate(subject.onDevice());
    meter.emptyCache();
    long tensorsBefore = meter.allocatedBytes();
    long before = meter.availableBytes();
    generate(subject.onDevice());
    long tensorsAfter = meter.allocatedBytes();
    long after = meter.availableBytes();
    findings.figure("availableBytesBefore", before);
    findings.figure("availableBytesAfter", after);
    findings.figure("tensorBytesBefore", tensorsBefore);
    findings.figure("tensorBytesAfter", tensorsAfter);
    findings.figure("idleBytes", whileIdle(meter));
    findings.atMost("not handed back to the driver, in MiB", (before - after) / MIB, KEPT_MIB);
    findings.atMost(
        "tensors left on the device, in MiB", (tensorsAfter - tensorsBefore) / MIB, KEPT_MIB);
  }

  private void generate(PipelineBuilder builder) {
    try (TextToVideoPipeline pipeline = builder.build()) {
      subject.lab().video(pipeline, CheckRequests.withFewSteps(subject.workload().standard()));
    }
  }

  /** What the driver lacks between generations of a policy that keeps nothing. */
  private long whileIdle(DeviceMeter meter) {
    meter.emptyCache();
    long before = meter.availableBytes();
    try (TextToVideoPipeline pipeline =
        subject.onDevice().offload(OffloadPolicy.component()).build()) {
      subject.lab().video(pipeline, CheckRequests.withFewSteps(subject.workload().standard()));
      return before - meter.availableBytes();
    }
  }
}
