package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import io.t2v.Progress.Phase;
import io.t2v.TextToVideoPipeline;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a generation took on the device, beside what was planned for it. Two steps take as much as
 * all of them; a run before it has loaded what stays.
 *
 * @param plan what was planned
 * @param before bytes of tensors on the device before the pipeline was made
 * @param phases what the phases took
 * @param taken bytes by which the driver had less at the end, the allocator's reserve included
 */
record MemoryRun(MemoryPlan plan, long before, PhaseMemory phases, long taken) {
  static final double GIB = 1L << 30;
  private static final double PEAK_SHARE = 0.25;
  private static final double WEIGHTS_SHARE = 0.1;

  static MemoryRun of(Subject subject, OffloadPolicy policy, GenerationRequest request) {
    Lab lab = subject.lab();
    DeviceMeter meter = lab.requireMeter();
    GenerationRequest brief = CheckRequests.withFewSteps(request);
    meter.emptyCache();
    long before = meter.allocatedBytes();
    long available = meter.availableBytes();
    PhaseMemory phases = new PhaseMemory(meter);
    try (TextToVideoPipeline pipeline = subject.onDevice().offload(policy).build()) {
      MemoryPlan plan = pipeline.plan(brief);
      lab.video(pipeline, brief);
      pipeline.prepare(brief).cancelledBy(lab.token()).onProgress(phases).toVideo();
      phases.end();
      return new MemoryRun(plan, before, phases, available - meter.availableBytes());
    }
  }

  double peakGib() {
    return phases.peak() / GIB;
  }

  /** Of the denoiser, and of what stays beside it. */
  private long plannedWeights() {
    return plan.shares().stream()
        .filter(
            share -> share.component() == Component.DENOISER || share.residency() == Residency.KEPT)
        .mapToLong(MemoryPlan.Share::weightBytes)
        .sum();
  }

  private boolean comesAndGoes() {
    return plan.shares().stream()
        .anyMatch(
            share ->
                share.component() == Component.DENOISER
                    && share.residency() == Residency.LAYER_BY_LAYER);
  }

  void addFigures(Findings findings) {
    findings.figure("peakBytes", phases.peak());
    findings.figure("phasePeakBytes", phases.toMap());
    findings.figure("takenFromDriverBytes", taken);
    findings.figure("bytesBefore", before);
    findings.figure("weightBytes", phases.atStartOf(Phase.DENOISE) - before);
    findings.figure("microBatch", plan.microBatch());
    findings.figure("plannedPeakBytes", plan.peakBytes());
    findings.figure("plannedWeightBytes", plannedWeights());
    Map<String, Object> shares = new LinkedHashMap<>();
    for (MemoryPlan.Share share : plan.shares()) {
      Map<String, Object> bytes = new LinkedHashMap<>();
      bytes.put("residency", share.residency().name().toLowerCase(Locale.ROOT));
      bytes.put("weightBytes", share.weightBytes());
      bytes.put("activationBytes", share.activationBytes());
      shares.put(share.component().name().toLowerCase(Locale.ROOT), bytes);
    }
    findings.figure("planned", shares);
    plan.host().ifPresent(use -> findings.figure("plannedHostPeakBytes", use.peakBytes()));
  }

  /** Holds what was planned to what was measured. */
  void holdPlan(Findings findings) {
    findings.atMost(
        "deviation of peak memory from its plan, as a share of the plan",
        deviation(phases.peak() - before, plan.peakBytes()),
        PEAK_SHARE);
    String weights = "deviation of weights from their plan, as a share of the plan";
    if (comesAndGoes()) {
      findings.unheld(weights, "they come and go while the denoiser computes");
    } else {
      findings.atMost(
          weights,
          deviation(phases.atStartOf(Phase.DENOISE) - before, plannedWeights()),
          WEIGHTS_SHARE);
    }
  }

  private static double deviation(long measured, long planned) {
    return Math.abs(measured - planned) / (double) planned;
  }
}
