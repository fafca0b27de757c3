package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Progress.Phase;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stopping a generation: at once, without a trace, and without harm to the next one. */
@Timeout(120)
class GenerationCancellationTest {
  private static final int ENDLESS = 999;

  @TempDir static Path folder;
  private static TextToVideoPipeline pipeline;
  private static Video video;
  private static byte[] expected;

  @BeforeAll
  static void open() {
    pipeline = TinyPipeline.open(folder);
    video = pipeline.generate(TinyPipeline.request().build());
    expected = video.rgb();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void stopsBeforeTheNextReportOfAnyPhase(Phase phase) {
    NativeObjects objects = NativeObjects.count();
    CancellationToken token = new CancellationToken();
    AtomicInteger reportsAfterwards = new AtomicInteger();
    Generation generation =
        pipeline
            .prepare(TinyPipeline.request().initVideo(video).strength(1).build())
            .cancelledBy(token)
            .onProgress(
                progress -> {
                  if (token.isCancelled()) {
                    reportsAfterwards.incrementAndGet();
                  }
                  if (progress.phase() == phase) {
                    token.cancel();
                  }
                });
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(generation::toVideo)
        .withMessage("the generation was cancelled by its token");
    assertThat(reportsAfterwards).hasValue(0);
    objects.assertNoMore();
    assertPipelineUnharmed();
  }

  @Test
  void stopsAtEveryBlockOfTheNetwork() {
    AtomicInteger reports = new AtomicInteger();
    pipeline
        .prepare(TinyPipeline.request().steps(1).build())
        .onProgress(progress -> reports.incrementAndGet())
        .toLatents();
    NativeObjects objects = NativeObjects.count();
    for (int last = 1; last < reports.get(); last++) {
      AtomicInteger left = new AtomicInteger(last);
      CancellationToken token = new CancellationToken();
      Generation generation =
          pipeline
              .prepare(TinyPipeline.request().steps(1).build())
              .cancelledBy(token)
              .onProgress(
                  progress -> {
                    if (left.decrementAndGet() == 0) {
                      token.cancel();
                    }
                  });
      assertThatExceptionOfType(GenerationCancelledException.class)
          .as("after %s reports", last)
          .isThrownBy(generation::toLatents);
      assertThat(left).hasValue(0);
      objects.assertNoMore();
    }
    assertPipelineUnharmed();
  }

  @Test
  void doesNotStartWithACancelledToken() {
    CancellationToken token = new CancellationToken();
    token.cancel();
    AtomicInteger reports = new AtomicInteger();
    Generation generation =
        pipeline
            .prepare(TinyPipeline.request().build())
            .cancelledBy(token)
            .onProgress(progress -> reports.incrementAndGet());
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::toVideo);
    assertThat(reports).hasValue(0);
  }

  @Test
  void stopsWhenAnotherThreadSaysSo() throws InterruptedException {
    NativeObjects objects = NativeObjects.count();
    CancellationToken token = new CancellationToken();
    CountDownLatch denoising = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              try {
                denoising.await();
                token.cancel();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    other.start();
    Generation generation =
        pipeline
            .prepare(TinyPipeline.request().steps(ENDLESS).build())
            .cancelledBy(token)
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE) {
                    denoising.countDown();
                  }
                });
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::toLatents);
    other.join();
    objects.assertNoMore();
    assertPipelineUnharmed();
  }

  @Test
  void stopsWhenItsThreadIsInterruptedAndLeavesTheFlag() {
    NativeObjects objects = NativeObjects.count();
    Generation generation =
        pipeline
            .prepare(TinyPipeline.request().build())
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE) {
                    Thread.currentThread().interrupt();
                  }
                });
    try {
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(generation::toVideo)
          .withMessage("the thread of the generation was interrupted");
    } finally {
      assertThat(Thread.interrupted()).as("interrupted flag").isTrue();
    }
    objects.assertNoMore();
    assertPipelineUnharmed();
  }

  private static void assertPipelineUnharmed() {
    assertThat(pipeline.generate(TinyPipeline.request().build()).rgb()).isEqualTo(expected);
  }
}
