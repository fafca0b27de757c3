package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long generations take, from a request to frames on the heap.
 *
 * @param firstSeconds of the first one, which loads weights and chooses kernels
 * @param seconds of those after it
 * @param phaseSeconds medians of each phase of those
 */
record Timing(double firstSeconds, List<Double> seconds, Map<String, Double> phaseSeconds) {
  /** Seconds with six decimals. */
  static double seconds(long nanos) {
    return Math.round(nanos / 1e3) / 1e6;
  }

  static double since(long start) {
    return seconds(System.nanoTime() - start);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Opens, generates the standard workload, and closes. */
  static Timing of(Lab lab, PipelineBuilder builder, CheckRequests workload) {
    try (TextToVideoPipeline pipeline = builder.build()) {
      long start = System.nanoTime();
      lab.video(pipeline, workload.standard());
      double first = since(start);
      List<Double> seconds = new ArrayList<>();
      Map<String, List<Double>> phases = new LinkedHashMap<>();
      for (int i = 0; i < lab.runs(); i++) {
        start = System.nanoTime();
        Video video = lab.video(pipeline, workload.standard());
        seconds.add(since(start));
        video
            .provenance()
            .timings()
            .forEach(
                (phase, time) ->
                    phases
                        .computeIfAbsent(phase, p -> new ArrayList<>())
                        .add(seconds(time.toNanos())));
      }
      Map<String, Double> medians = new LinkedHashMap<>();
      phases.forEach((phase, times) -> medians.put(phase, median(times)));
      return new Timing(first, seconds, medians);
    }
  }

  double median() {
    return median(seconds);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("firstSeconds", firstSeconds);
    map.put("seconds", seconds);
    map.put("medianSeconds", median());
    map.put("phaseMedianSeconds", phaseSeconds);
    return map;
  }
}
