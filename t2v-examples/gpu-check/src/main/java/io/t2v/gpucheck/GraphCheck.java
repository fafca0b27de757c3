package io.t2v.gpucheck;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.Difference;

/** Steps captured and replayed as CUDA graphs, against steps launched one kernel after another. */
record GraphCheck(Subject subject) implements Check.Work {
  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    var graphs =
        lab.access()
            .graphs(lab.device())
            .orElseThrow(() -> new NotRunException(lab.device() + " has no CUDA graphs"));
    Video eager;
    try (TextToVideoPipeline pipeline = graphs.apply(subject.onDevice(), false).build()) {
      eager = lab.video(pipeline, subject.workload().parity());
    }
    try (TextToVideoPipeline pipeline = graphs.apply(subject.onDevice(), true).build()) {
      hold(findings, "when captured", eager, lab.video(pipeline, subject.workload().parity()));
      hold(findings, "when replayed", eager, lab.video(pipeline, subject.workload().parity()));
    }
    subject.timings().forEach((way, timing) -> findings.figure(way, timing.toMap()));
  }

  private static void hold(Findings findings, String when, Video eager, Video graph) {
    findings.atMost(
        "largest difference from eager frames " + when + ", in levels of 255",
        Difference.between(graph, eager).most(),
        0);
  }
}
