package io.t2v.gpucheck;

import io.t2v.Generation;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;
import java.util.Locale;

/**
 * Memory that runs out in the middle of a generation leaves the pipeline usable. The allocator is
 * capped after the plan was made, halfway between what stays on the device and what the generation
 * needs.
 */
record OutOfMemoryCheck(Subject subject) implements Check.Work {
  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    DeviceMeter meter = lab.requireMeter();
    GenerationRequest request = subject.workload().parity();
    Outcome expected = subject.plain();
    try (TextToVideoPipeline pipeline = subject.onDevice().precision(Precision.FLOAT32).build()) {
      lab.latents(pipeline, request);
      long stays = meter.allocatedBytes();
      lab.latents(pipeline, request);
      long peak = meter.peakBytes();
      long cap = stays + (peak - stays) / 2;
      findings.figure("staysBytes", stays);
      findings.figure("peakBytes", peak);
      findings.figure("capBytes", cap);
      Generation doomed = pipeline.prepare(request).cancelledBy(lab.token());
      int failed = 0;
      meter.emptyCache();
      meter.cap(cap);
      try {
        doomed.toLatents();
      } catch (GenerationCancelledException e) {
        throw e;
      } catch (RuntimeException | OutOfMemoryError e) {
        findings.figure("failure", e.toString().lines().findFirst().orElse(""));
        failed = isOfMemory(e) ? 1 : 0;
      } finally {
        meter.uncap();
      }
      findings.atLeast("generations that ran out of memory, and said so", failed, 1);
      findings.figure("leftBytes", meter.allocatedBytes() - stays);
      StillRight.hold(findings, lab.latents(pipeline, request), expected);
    }
  }

  private static boolean isOfMemory(Throwable thrown) {
    return thrown.toString().toLowerCase(Locale.ROOT).contains("memory");
  }
}
