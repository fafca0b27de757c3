package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model to check, and what several checks need of it: made once, when it is first needed. */
public final class Subject {
  private final Lab lab;
  private final Supplier<PipelineBuilder> pipeline;
  private final CheckRequests workload;
  private final Path folder;
  private @Nullable Outcome ofProcessor;
  private @Nullable Outcome plain;
  private @Nullable Video usual;
  private @Nullable Map<String, Timing> timings;

  /**
   * Describes a model.
   *
   * @param lab where it is checked
   * @param pipeline starts a pipeline with everything but device, precision and policy
   * @param workload what is generated
   * @param folder of the checkpoint
   */
  public Subject(Lab lab, Supplier<PipelineBuilder> pipeline, CheckRequests workload, Path folder) {
    this.lab = lab;
    this.pipeline = pipeline;
    this.workload = workload;
    this.folder = folder;
  }

  Lab lab() {
    return lab;
  }

  Path folder() {
    return folder;
  }

  CheckRequests workload() {
    return workload;
  }

  /** On the device, with its default precision and policy. */
  PipelineBuilder onDevice() {
    return pipeline.get().device(lab.device());
  }

  /** On the CPU in float32. */
  PipelineBuilder onProcessor() {
    return pipeline.get().device(ComputeDevice.cpu()).precision(Precision.FLOAT32);
  }

  /** On the device; what is float32 there computes in no fewer bits. */
  TextToVideoPipeline open(Precision precision, OffloadPolicy policy) {
    TextToVideoPipeline opened = onDevice().precision(precision).offload(policy).build();
    lab.useTf32(false);
    return opened;
  }

  /** On the CPU in float32: what everything else is compared with. */
  Outcome ofProcessor() {
    if (ofProcessor == null) {
      try (TextToVideoPipeline opened = onProcessor().build()) {
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

  /** Of the parity's request, on the device as pipelines are by default. */
  Video usual() {
    if (usual == null) {
      try (TextToVideoPipeline opened = onDevice().build()) {
        usual = lab.video(opened, workload.parity());
      }
    }
    return usual;
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
