package io.t2v.gpucheck;

import static java.util.Objects.requireNonNull;

import io.t2v.Acceleration;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.Difference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What cheaper steps save, and what they change: figures, and no bars. */
record AccelerationCheck(Subject subject) implements Check.Work {
  private static final Map<String, UnaryOperator<GenerationRequest.Builder>> WAYS = ways();

  private static Map<String, UnaryOperator<GenerationRequest.Builder>> ways() {
    Acceleration caching = Acceleration.none().cacheSteps(3);
    Map<String, UnaryOperator<GenerationRequest.Builder>> ways = new LinkedHashMap<>();
    ways.put("full", request -> request);
    ways.put("caching", request -> request.acceleration(caching));
    ways.put("guidanceWindow", request -> request.guidanceStop(0.6));
    ways.put(
        "guidanceAgreement",
        request -> request.acceleration(Acceleration.none().guidanceAgreement(0.99)));
    ways.put("all", request -> request.guidanceStop(0.6).acceleration(caching));
    return ways;
  }

  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    try (TextToVideoPipeline pipeline = subject.onDevice().build()) {
      Map<String, Video> videos = new LinkedHashMap<>();
      WAYS.forEach(
          (name, way) -> {
            GenerationRequest request =
                way.apply(subject.workload().standard().toBuilder()).build();
            Video video = lab.video(pipeline, request);
            videos.put(name, video);
            Video full = requireNonNull(videos.get("full"));
            findings.figure(name, figures(pipeline, request, video, full));
          });
      findings.atLeast("ways that made a video", videos.size(), WAYS.size());
    }
  }

  private Map<String, Object> figures(
      TextToVideoPipeline pipeline, GenerationRequest request, Video video, Video full) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < subject.lab().runs(); i++) {
      long start = System.nanoTime();
      subject.lab().video(pipeline, request);
      seconds.add(Timing.since(start));
    }
    Difference difference = Difference.between(video, full);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("medianSeconds", Timing.median(seconds));
    figures.put("framesMeanError", difference.mean());
    figures.put("framesPsnr", Double.isInfinite(difference.psnr()) ? "same" : difference.psnr());
    return figures;
  }
}
