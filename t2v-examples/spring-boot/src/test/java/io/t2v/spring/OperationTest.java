package io.t2v.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.t2v.CancellationToken;
import io.t2v.ComputeException;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.PreviewMode;
import io.t2v.Video;
import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.minimodel.MiniModel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;

/** Health, observations, meters and shutdown. */
final class OperationTest {
  private static final GenerationRequest REQUEST =
      MiniModel.request("a red circle moving right").seed(1).steps(3).build();

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  T2vAutoConfiguration.class,
                  T2vHealthAutoConfiguration.class,
                  T2vMetricsAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  CompositeMeterRegistryAutoConfiguration.class,
                  SimpleMetricsExportAutoConfiguration.class,
                  ObservationAutoConfiguration.class))
          .withPropertyValues(
              "t2v.checkpoint=" + MiniModel.folder(), "t2v.threads=1", "t2v.load=lazy");

  @Test
  void measuresGenerations() {
    runner.run(
        context -> {
          VideoGenerator generator = context.getBean(VideoGenerator.class);
          generator.generate(REQUEST);
          CancellationToken cancelled = new CancellationToken();
          cancelled.cancel();
          assertThatThrownBy(
                  () -> generator.generate(REQUEST, progress -> {}, PreviewMode.NONE, cancelled))
              .isInstanceOf(GenerationCancelledException.class);

          MeterRegistry meters = context.getBean(MeterRegistry.class);
          assertThat(meters.get("t2v.generation").tag("outcome", "SUCCESS").timer().count())
              .isEqualTo(1);
          assertThat(meters.get("t2v.generation").tag("outcome", "CANCELLED").timer().count())
              .isEqualTo(1);
          assertThat(meters.get("t2v.step").tag("device", "cpu").timer().count()).isEqualTo(3);
          assertThat(meters.get("t2v.frames").counter().count()).isEqualTo(MiniModel.FRAMES);
          assertThat(meters.get("t2v.memory.planned").summary().max())
              .isGreaterThan(10 * 1024 * 1024);
          assertThat(
                  meters.get("t2v.generation").tag("outcome", "SUCCESS").timer().getId().getTags())
              .as("no tag for each request")
              .noneMatch(tag -> tag.getKey().contains("seed"));
        });
  }

  @Test
  void observationsHoldThePromptOnlyWhereItIsAskedFor() {
    List<Observation.Context> observed = new CopyOnWriteArrayList<>();
    ApplicationContextRunner observing =
        runner.withBean(Recorder.class, () -> new Recorder(observed));
    observing.run(context -> context.getBean(VideoGenerator.class).generate(REQUEST));
    observing
        .withPropertyValues("t2v.observations.include-prompt=true")
        .run(context -> context.getBean(VideoGenerator.class).generate(REQUEST));

    assertThat(observed).hasSize(2);
    assertThat(observed.get(0).getHighCardinalityKeyValue("t2v.request.prompt")).isNull();
    assertThat(observed.get(1).getHighCardinalityKeyValue("t2v.request.prompt").getValue())
        .isEqualTo("a red circle moving right");
    assertThat(observed.get(1).getHighCardinalityKeyValue("gen_ai.request.seed").getValue())
        .isEqualTo("1");
  }

  @Test
  void isOutOfServiceWhileItLoadsAndAfterItStopped() {
    CompletableFuture<Status> whileLoading = new CompletableFuture<>();
    HealthIndicator[] health = new HealthIndicator[1];
    runner
        .withBean(
            PipelineBuilderCustomizer.class,
            () -> builder -> whileLoading.complete(health[0].health().getStatus()))
        .run(
            context -> {
              health[0] = context.getBean(HealthIndicator.class);
              assertThat(health[0].health().getStatus()).isEqualTo(Status.UP);
              PipelineLoader loader = context.getBean(PipelineLoader.class);
              loader.get();
              assertThat(health[0].health().getStatus()).isEqualTo(Status.UP);
              loader.stop();
              assertThat(health[0].health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
            });
    assertThat(whileLoading).isCompletedWithValue(Status.OUT_OF_SERVICE);
  }

  @Test
  void isDownWhereThePipelineCannotBeMadeUntilItCan() {
    runner
        .withPropertyValues("t2v.checkpoint=/no/such/folder")
        .run(
            context -> {
              PipelineLoader loader = context.getBean(PipelineLoader.class);
              assertThatThrownBy(loader::get).hasMessageContaining("/no/such/folder");
              Health health = context.getBean(HealthIndicator.class).health();
              assertThat(health.getStatus()).isEqualTo(Status.DOWN);
              assertThat(health.getDetails().get("error").toString()).contains("/no/such/folder");
            });
  }

  @Test
  void isDownAfterTheDeviceFailedUntilItWorksAgain() {
    runner.run(
        context -> {
          VideoGenerator generator = context.getBean(VideoGenerator.class);
          HealthIndicator health = context.getBean(HealthIndicator.class);
          GenerationRequest failing =
              REQUEST.toBuilder().constraint(new BrokenConstraint()).build();
          assertThatThrownBy(() -> generator.generate(failing))
              .isInstanceOf(ComputeException.class);
          assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
          generator.generate(REQUEST);
          assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        });
  }

  /** As the web server does, which lets requests end first and would wait for this one. */
  @Test
  void cancelsRunningGenerationsBeforeTheWebServerWaitsForThem() throws Exception {
    CompletableFuture<Video> running = new CompletableFuture<>();
    CompletableFuture<Throwable> seenByServer = new CompletableFuture<>();
    runner
        .withBean(GracefulServer.class, () -> new GracefulServer(running, seenByServer))
        .run(context -> startEndless(context.getBean(VideoGenerator.class), running));
    assertThat(seenByServer.get(60, TimeUnit.SECONDS))
        .isInstanceOf(GenerationCancelledException.class);
  }

  @Test
  void refusesWhatComesAfterItStopped() {
    runner.run(
        context -> {
          VideoGenerator generator = context.getBean(VideoGenerator.class);
          generator.stop();
          assertThatThrownBy(() -> generator.generate(REQUEST))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("closed");
        });
  }

  @Test
  void letsRunningGenerationsEndWhereItIsToldToWait() throws Exception {
    CompletableFuture<Video> running = new CompletableFuture<>();
    runner
        .withPropertyValues("t2v.shutdown-wait=10m")
        .run(
            context -> {
              CountDownLatch begun = new CountDownLatch(1);
              start(context.getBean(VideoGenerator.class), REQUEST, begun, running);
              await(begun);
            });
    assertThat(running.get(60, TimeUnit.SECONDS).frameCount()).isEqualTo(MiniModel.FRAMES);
  }

  private static void startEndless(VideoGenerator generator, CompletableFuture<Video> result) {
    CountDownLatch begun = new CountDownLatch(1);
    start(generator, REQUEST.toBuilder().steps(900).build(), begun, result);
    await(begun);
  }

  private static void start(
      VideoGenerator generator,
      GenerationRequest request,
      CountDownLatch begun,
      CompletableFuture<Video> result) {
    new Thread(
            () -> {
              try {
                result.complete(
                    generator.generate(
                        request,
                        progress -> begun.countDown(),
                        PreviewMode.NONE,
                        new CancellationToken()));
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
                begun.countDown();
              }
            })
        .start();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks libtorch for what it cannot do. */
  private static final class BrokenConstraint implements LatentConstraint {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public LatentConstraintRun newRun() {
      return (latents, index, plan, noise) -> latents.reshape(7);
    }
  }

  /** Keeps what was observed. */
  private record Recorder(List<Observation.Context> observed)
      implements ObservationHandler<VideoGenerationContext> {
    @Override
    public void onStop(VideoGenerationContext context) {
      observed.add(context);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof VideoGenerationContext;
    }
  }

  /** Stops in the phase of web servers, once a request has ended. */
  private static final class GracefulServer implements SmartLifecycle {
    private final CompletableFuture<Video> request;
    private final CompletableFuture<Throwable> outcome;
    private boolean running;

    GracefulServer(CompletableFuture<Video> request, CompletableFuture<Throwable> outcome) {
      this.request = request;
      this.outcome = outcome;
    }

    @Override
    public void start() {
      running = true;
    }

    @Override
    public void stop() {
      try {
        request.get(60, TimeUnit.SECONDS);
        outcome.complete(new AssertionError("the request came to its end"));
      } catch (CancellationException | ExecutionException e) {
        outcome.complete(e);
      } catch (InterruptedException | TimeoutException e) {
        outcome.complete(new AssertionError("the request did not end", e));
      }
    }

    @Override
    public boolean isRunning() {
      return running;
    }

    @Override
    public int getPhase() {
      return SmartLifecycle.DEFAULT_PHASE - 1024;
    }
  }
}
