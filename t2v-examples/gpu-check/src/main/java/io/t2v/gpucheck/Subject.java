package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model to check, and what several checks need of it: made once, when it is first needed. */
public final class Subject {
  private final Lab lab;
  private final Supplier<PipelineBuilder> pipeline;
  private final CheckRequests workload;
  private @Nullable Outcome ofProcessor;
  private @Nullable Outcome plain;
  private @Nullable Map<String, Timing> timings;

  /**
   * Describes a model.
   *
   * @param lab where it is checked
   * @param pipeline starts a pipeline with everything but device, precision and policy
   * @param workload what is generated
   */
  public Subject(Lab lab, Supplier<PipelineBuilder> pipeline, CheckRequests workload) {
    this.lab = lab;
    this.pipeline = pipeline;
    this.workload = workload;
  }

  Lab lab() {
    return lab;
  }

  CheckRequests workload() {
    return workload;
  }

  /** On the device, with its default precision and policy. */
  PipelineBuilder onDevice() {
    return pipeline.get().device(lab.device());
  }

  TextToVideoPipeline open(Precision precision, OffloadPolicy policy) {
    return onDevice().precision(precision).offload(policy).build();
  }

  /** On the CPU in float32: what everything else is compared with. */
  Outcome ofProcessor() {
    if (ofProcessor == null) {
      try (TextToVideoPipeline opened =
          pipeline.get().device(ComputeDevice.cpu()).precision(Precision.FLOAT32).build()) {
        ofProcessor = outcome(opened);
      }
    }
    return ofProcessor;
  }

  /** On the device in float32, with all weights there. */
  Outcome plain() {
    if (plain == null) {
      plain = onDevice(Precision.FLOAT32);
    }
    return plain;
  }

  Outcome onDevice(Precision precision) {
    try (TextToVideoPipeline opened = open(precision, OffloadPolicy.none())) {
      return outcome(opened);
    }
  }

  private Outcome outcome(TextToVideoPipeline opened) {
    return new Outcome(
        lab.latents(opened, workload.parity()), lab.video(opened, workload.parity()));
  }

  /** Of the standard workload: by name of the way it is computed. */
  Map<String, Timing> timings() {
    if (timings == null) {
      Map<String, Timing> found = new LinkedHashMap<>();
      lab.access()
          .graphs(lab.device())
          .ifPresentOrElse(
              graphs -> {
                found.put("eager", Timing.of(lab, graphs.apply(onDevice(), false), workload));
                found.put("graph", Timing.of(lab, graphs.apply(onDevice(), true), workload));
              },
              () -> found.put("eager", Timing.of(lab, onDevice(), workload)));
      timings = found;
    }
    return timings;
  }
}
