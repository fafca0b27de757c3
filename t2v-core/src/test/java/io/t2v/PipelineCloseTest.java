package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.testing.GoldenModel;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What closing a pipeline does to the thread that closes it, and settings of the process. */
@Timeout(60)
class PipelineCloseTest {
  @TempDir Path folder;

  @Test
  void keepsTheInterruptionOfTheThreadThatWaits() throws Exception {
    TextToVideoPipeline pipeline = TinyPipeline.open(folder);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Video> video =
        CompletableFuture.supplyAsync(
            () ->
                pipeline
                    .prepare(TinyPipeline.request().build())
                    .onProgress(
                        progress -> {
                          begun.countDown();
                          try {
                            goOn.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                        })
                    .toVideo());
    begun.await();
    boolean[] interrupted = {false};
    Thread closing =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              pipeline.close();
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    closing.start();
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    closing.join();
    assertThat(interrupted[0]).isTrue();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(video::get)
        .withCauseInstanceOf(GenerationCancelledException.class);
  }

  @Test
  void openBlasGetsOneThread() {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("one-level", folder))
            .threads(1)
            .build()) {
      assertThat(pipeline.threads()).isEqualTo(1);
      assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);
    }
  }
}
