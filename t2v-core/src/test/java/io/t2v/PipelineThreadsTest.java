package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.Progress.Phase;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One pipeline and many threads, and its end. */
@Timeout(120)
class PipelineThreadsTest {
  private static final int THREADS = 4;
  private static final int ENDLESS = 999;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  @TempDir Path folder;
  private TextToVideoPipeline pipeline;

  @BeforeEach
  void open() {
    pipeline = TinyPipeline.open(folder);
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    pipeline.close();
  }

  @Test
  void generatesOnManyThreadsWhatItGeneratesOnOne() throws Exception {
    List<Callable<byte[]>> generations = new ArrayList<>();
    for (int i = 0; i < 2 * THREADS; i++) {
      GenerationRequest request =
          TinyPipeline.request().seed(i).steps(2 + i % 3).frames(1 + i % 2).build();
      generations.add(() -> pipeline.generate(request).rgb());
    }
    List<Future<byte[]>> together = threads.invokeAll(generations);
    NativeObjects objects = NativeObjects.count();
    for (int i = 0; i < generations.size(); i++) {
      assertThat(together.get(i).get()).as("generation %s", i).isEqualTo(generations.get(i).call());
    }
    objects.assertNoMore();
    threads.invokeAll(generations);
    objects.assertNoMore();
  }

  @Test
  void sharesNothingBetweenAGenerationAndOneInItsListener() {
    byte[] expected = pipeline.generate(TinyPipeline.request().build()).rgb();
    List<byte[]> inner = new ArrayList<>();
    Video outer =
        pipeline
            .prepare(TinyPipeline.request().build())
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE && inner.isEmpty()) {
                    inner.add(pipeline.generate(TinyPipeline.request().build()).rgb());
                    assertThatIllegalStateException().isThrownBy(pipeline::close);
                  }
                })
            .toVideo();
    assertThat(outer.rgb()).isEqualTo(expected);
    assertThat(inner).hasSize(1);
    assertThat(inner.get(0)).isEqualTo(expected);
  }

  @Test
  void cancelsARunningGenerationWhenItIsClosed() throws InterruptedException {
    pipeline.generate(TinyPipeline.request().build());
    pipeline.close();
    NativeObjects objects = NativeObjects.count();
    pipeline = TinyPipeline.open(folder.resolve("again"));
    CountDownLatch denoising = new CountDownLatch(1);
    Generation endless =
        pipeline
            .prepare(TinyPipeline.request().steps(ENDLESS).build())
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE) {
                    denoising.countDown();
                  }
                });
    Future<Video> running = threads.submit(endless::toVideo);
    denoising.await();
    pipeline.close();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(running::get)
        .havingCause()
        .isInstanceOf(GenerationCancelledException.class)
        .withMessage("the pipeline was closed during the generation");
    objects.assertNoMore();
  }

  @Test
  void refusesWorkAfterItWasClosed() {
    Generation prepared = pipeline.prepare(TinyPipeline.request().build());
    pipeline.close();
    pipeline.close();
    assertThatIllegalStateException()
        .isThrownBy(prepared::toVideo)
        .withMessage("this pipeline is closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> pipeline.generate("a panda"))
        .withMessage("this pipeline is closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> pipeline.prepare(TinyPipeline.request().build()))
        .withMessage("this pipeline is closed");
  }

  @Test
  void refusesToBeClosedByAListener() {
    Generation closing =
        pipeline.prepare(TinyPipeline.request().build()).onProgress(progress -> pipeline.close());
    assertThatIllegalStateException()
        .isThrownBy(closing::toVideo)
        .withMessage("close() was called from within a generation: cancel it by its token instead");
    assertThat(pipeline.generate(TinyPipeline.request().build()).frameCount()).isEqualTo(2);
  }
}
