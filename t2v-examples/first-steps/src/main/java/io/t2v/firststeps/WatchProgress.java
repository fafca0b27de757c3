package io.t2v.firststeps;

import io.t2v.CancellationToken;
import io.t2v.GenerationCancelledException;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.minimodel.MiniModel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Progress and cancellation: what an application with a window, or a web service, does. */
public final class WatchProgress {
  private WatchProgress() {}

  /**
   * Prints progress, and stops half way.
   *
   * @param arguments ignored
   * @throws InterruptedException if this thread is interrupted while it waits
   */
  public static void main(String[] arguments) throws InterruptedException {
    CancellationToken token = new CancellationToken();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      Future<Video> video =
          worker.submit(
              () ->
                  pipeline
                      .prepare(MiniModel.request("a green square shrinking").build())
                      .cancelledBy(token)
                      .onProgress(
                          progress -> {
                            // Called on the generating thread, some hundred times a step: be quick.
                            System.out.printf("%3.0f %%%n", 100 * progress.fraction());
                            if (progress.fraction() > 0.5) {
                              // Any thread may do this; here it is the one that generates.
                              token.cancel();
                            }
                          })
                      .toVideo());
      System.out.println("made " + video.get());
    } catch (ExecutionException e) {
      // A cancelled generation has freed its memory; the pipeline is as good as before.
      boolean cancelled = e.getCause() instanceof GenerationCancelledException;
      System.out.println(cancelled ? "stopped" : "failed: " + e.getCause());
    } finally {
      worker.shutdown();
    }
  }
}
