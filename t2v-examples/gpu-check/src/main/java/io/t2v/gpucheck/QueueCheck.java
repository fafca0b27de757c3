package io.t2v.gpucheck;

import io.t2v.GenerationQueue;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Requests that wait together: alone, one after the other, and as one batch. */
record QueueCheck(Subject subject) implements Check.Work {
  private static final int REQUESTS = 4;
  private static final double LEVELS = 1;

  @Override
  public void run(Findings findings) {
    List<GenerationRequest> requests =
        IntStream.range(0, REQUESTS)
            .mapToObj(seed -> subject.workload().standard().toBuilder().seed(seed).build())
            .toList();
    try (TextToVideoPipeline pipeline = subject.onDevice().build()) {
      // The first of each size loads weights and chooses kernels.
      subject.lab().video(pipeline, requests.get(0));
      List<Video> alone = new ArrayList<>();
      long start = System.nanoTime();
      requests.forEach(request -> alone.add(subject.lab().video(pipeline, request)));
      double apart = Timing.since(start);
      queued(pipeline, requests);
      start = System.nanoTime();
      List<Video> batch = queued(pipeline, requests);
      double together = Timing.since(start);
      findings.figure("requests", REQUESTS);
      findings.figure("secondsApart", apart);
      findings.figure("secondsTogether", together);
      findings.figure("timesAsFastTogether", apart / together);
      double error =
          IntStream.range(0, REQUESTS)
              .mapToDouble(i -> Difference.between(batch.get(i), alone.get(i)).mean())
              .max()
              .orElseThrow();
      findings.atMost("mean error of frames in a batch, in levels of 255", error, LEVELS);
    }
  }

  private static List<Video> queued(
      TextToVideoPipeline pipeline, List<GenerationRequest> requests) {
    try (GenerationQueue queue =
        GenerationQueue.builder(pipeline).capacity(REQUESTS).maxBatch(REQUESTS).build()) {
      List<CompletableFuture<Video>> videos = requests.stream().map(queue::submit).toList();
      return videos.stream().map(CompletableFuture::join).toList();
    }
  }
}
