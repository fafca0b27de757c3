package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.Difference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Four videos: each by a request of its own, and all by one request, which is what a {@link
 * io.t2v.GenerationQueue} makes of requests that wait together.
 */
record BatchCheck(Subject subject) implements Check.Work {
  private static final int VIDEOS = 4;
  private static final double LEVELS = 1;

  @Override
  public void run(Findings findings) {
    List<GenerationRequest> requests =
        IntStream.range(0, VIDEOS)
            .mapToObj(seed -> subject.workload().standard().toBuilder().seed(seed).build())
            .toList();
    GenerationRequest together = together(subject.workload().standard());
    try (TextToVideoPipeline pipeline = subject.onDevice().build()) {
      // The first of each size loads weights and chooses kernels.
      subject.lab().video(pipeline, requests.get(0));
      List<Video> alone = new ArrayList<>();
      long start = System.nanoTime();
      requests.forEach(request -> alone.add(subject.lab().video(pipeline, request)));
      double secondsApart = Timing.since(start);
      subject.lab().videos(pipeline, together);
      start = System.nanoTime();
      List<Video> batch = subject.lab().videos(pipeline, together);
      double secondsTogether = Timing.since(start);
      findings.atLeast("videos of the batch", batch.size(), VIDEOS);
      findings.figure("clipsComputedTogether", pipeline.plan(together).microBatch());
      findings.figure("secondsApart", secondsApart);
      findings.figure("secondsTogether", secondsTogether);
      findings.figure("timesAsFastTogether", secondsApart / secondsTogether);
      double error =
          IntStream.range(0, VIDEOS)
              .mapToDouble(i -> Difference.between(batch.get(i), alone.get(i)).mean())
              .max()
              .orElseThrow();
      findings.atMost("mean error of frames in a batch, in levels of 255", error, LEVELS);
    }
  }

  private static GenerationRequest together(GenerationRequest one) {
    Map<String, Object> settings = new LinkedHashMap<>(one.toProperties());
    settings.put("prompts", Collections.nCopies(VIDEOS, one.prompts().get(0)));
    settings.put("seeds", LongStream.range(0, VIDEOS).boxed().toList());
    return GenerationRequest.fromProperties(settings);
  }
}
