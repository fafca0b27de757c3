package io.t2v.gpucheck;

import static java.util.Objects.requireNonNull;

import io.t2v.NdArray;
import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.GpuOptimization;
import io.t2v.device.Precision;
import io.t2v.ffmpeg.Difference;
import java.util.function.UnaryOperator;

/** An optimization of the device, on and off: results in float32 and as usual, and times. */
record OptimizationCheck(Subject subject, GpuOptimization optimization) implements Check.Work {
  private static final double FLOAT32_LATENTS = 1e-4;
  private static final double LEVELS = 1;

  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    UnaryOperator<PipelineBuilder> on = lab.access().optimizations(lab.device()).get(optimization);
    if (on == null) {
      throw new NotRunException(lab.device() + " has no " + optimization);
    }
    Outcome plain = subject.plain();
    // A second run, since what is kept between runs is of use to that one.
    try (TextToVideoPipeline pipeline =
        on.apply(subject.onDevice().precision(Precision.FLOAT32)).build()) {
      lab.latents(pipeline, subject.workload().parity());
      NdArray latents = lab.latents(pipeline, subject.workload().parity());
      Distance distance = Distance.of(latents, plain.latents());
      distance.addTo(findings);
      findings.atMost("relative error of latents", distance.relative(), FLOAT32_LATENTS);
    }
    Video expected = subject.usual();
    try (TextToVideoPipeline pipeline = on.apply(subject.onDevice()).build()) {
      lab.video(pipeline, subject.workload().parity());
      Video found = lab.video(pipeline, subject.workload().parity());
      findings.atMost(
          "mean error of frames, in levels of 255",
          Difference.between(found, expected).mean(),
          LEVELS);
    }
    if (subject.workload().unheld().isEmpty()) {
      compareTimes(findings, on);
    }
  }

  private void compareTimes(Findings findings, UnaryOperator<PipelineBuilder> on) {
    String way = optimization == GpuOptimization.KEPT_CUDA_GRAPHS ? "graph" : "eager";
    Timing eager = requireNonNull(subject.timings().get("eager"));
    Timing without = subject.timings().getOrDefault(way, eager);
    Timing with = Timing.of(subject.lab(), on.apply(subject.onDevice()), subject.workload());
    findings.figure("without", without.toMap());
    findings.figure("with", with.toMap());
    findings.figure("timesAsFast", without.median() / with.median());
  }
}
