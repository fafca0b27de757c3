package io.t2v.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.t2v.CancellationToken;
import io.t2v.ComputeException;
import io.t2v.Generation;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.PreviewMode;
import io.t2v.Progress;
import io.t2v.ProgressListener;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Generates videos under observation: each generation is a Micrometer observation, is seen by the
 * health indicator, and is cancelled when the context closes. Thread-safe.
 *
 * <p>When the context closes, running generations may go on for {@code t2v.shutdown-wait}; then
 * they are cancelled, and stop within one block of the network. New ones are refused.
 */
public final class VideoGenerator implements SmartLifecycle {
  private final LoraPipelines pipelines;
  private final String model;
  private final Duration shutdownWait;
  private final ObservationRegistry observations;
  private final VideoGenerationConvention convention;

  /** One token for each running generation, which may share it; also guards what follows. */
  private final List<CancellationToken> active = new ArrayList<>();

  private boolean running;
  private boolean stopping;
  private volatile @Nullable ComputeException deviceFailure;

  /**
   * Makes a generator.
   *
   * @param pipelines to generate with
   * @param model its name in observations
   * @param shutdownWait how long running generations may go on when the context closes
   * @param observations where they are reported
   * @param convention how they are described
   */
  public VideoGenerator(
      LoraPipelines pipelines,
      String model,
      Duration shutdownWait,
      ObservationRegistry observations,
      VideoGenerationConvention convention) {
    this.pipelines = pipelines;
    this.model = model;
    this.shutdownWait = shutdownWait;
    this.observations = observations;
    this.convention = convention;
  }

  /**
   * Generates a video.
   *
   * @param request for one video
   * @return the video
   * @throws GenerationCancelledException if the context is closing, or the thread was interrupted
   * @throws RuntimeException that {@link TextToVideoPipeline#generate(GenerationRequest)} threw
   */
  public Video generate(GenerationRequest request) {
    return generate(request, progress -> {}, PreviewMode.NONE, new CancellationToken());
  }

  /**
   * Generates a video that can be watched and cancelled.
   *
   * @param request for one video
   * @param listener told of progress, on a thread of the pipeline
   * @param previews what the listener is shown after each step
   * @param token cancels the generation; is cancelled when the context closes
   * @return the video
   * @throws GenerationCancelledException if the token was cancelled, the context is closing, or the
   *     thread was interrupted
   * @throws RuntimeException that {@link TextToVideoPipeline#generate(GenerationRequest)} threw
   */
  public Video generate(
      GenerationRequest request,
      ProgressListener listener,
      PreviewMode previews,
      CancellationToken token) {
    return generate(request, List.of(), listener, previews, token);
  }

  /**
   * Generates a video with LoRAs of {@code t2v.loras}.
   *
   * @param request for one video
   * @param loras to take; empty for the plain model
   * @return the video
   * @throws IllegalArgumentException if a LoRA is unknown or given twice
   * @throws GenerationCancelledException if the context is closing, or the thread was interrupted
   * @throws RuntimeException that {@link TextToVideoPipeline#generate(GenerationRequest)} threw
   */
  public Video generate(GenerationRequest request, List<LoraChoice> loras) {
    return generate(request, loras, progress -> {}, PreviewMode.NONE, new CancellationToken());
  }

  /**
   * Generates a video with LoRAs of {@code t2v.loras} that can be watched and cancelled.
   *
   * @param request for one video
   * @param loras to take; empty for the plain model
   * @param listener told of progress, on a thread of the pipeline
   * @param previews what the listener is shown after each step
   * @param token cancels the generation; is cancelled when the context closes
   * @return the video
   * @throws IllegalArgumentException if a LoRA is unknown or given twice
   * @throws GenerationCancelledException if the token was cancelled, the context is closing, or the
   *     thread was interrupted
   * @throws RuntimeException that {@link TextToVideoPipeline#generate(GenerationRequest)} threw
   */
  public Video generate(
      GenerationRequest request,
      List<LoraChoice> loras,
      ProgressListener listener,
      PreviewMode previews,
      CancellationToken token) {
    return run(request, loras, listener, previews, token, Generation::toVideo);
  }

  /**
   * Generates the videos of a request with several prompts, computed together.
   *
   * @param request for any number of videos
   * @return one a prompt
   * @throws GenerationCancelledException if the context is closing, or the thread was interrupted
   * @throws RuntimeException that {@link TextToVideoPipeline#generateAll} threw
   */
  public List<Video> generateAll(GenerationRequest request) {
    return run(
        request,
        List.of(),
        progress -> {},
        PreviewMode.NONE,
        new CancellationToken(),
        Generation::toVideos);
  }

  /**
   * Returns how many generations are running or waiting for others.
   *
   * @return at least 0
   */
  public int running() {
    synchronized (active) {
      return active.size();
    }
  }

  /**
   * Returns the failure after which the device may be lost.
   *
   * @return the last generation's, unless one has succeeded since
   */
  public Optional<ComputeException> deviceFailure() {
    return Optional.ofNullable(deviceFailure);
  }

  private <T> T run(
      GenerationRequest request,
      List<LoraChoice> loras,
      ProgressListener listener,
      PreviewMode previews,
      CancellationToken token,
      Function<Generation, T> work) {
    enter(token);
    try (LoraPipelines.Lease lease = pipelines.lease(loras)) {
      TextToVideoPipeline pipeline = lease.pipeline();
      VideoGenerationContext context =
          new VideoGenerationContext(model, request, pipeline.plan(request));
      Observation observation =
          Observation.createNotStarted(
              convention, VideoGenerationConvention.DEFAULT, () -> context, observations);
      T result =
          observation.observe(
              () ->
                  work.apply(
                      pipeline
                          .prepare(request)
                          .onProgress(new StepEvents(listener, context, observation))
                          .previews(previews)
                          .cancelledBy(token)));
      deviceFailure = null;
      return result;
    } catch (ComputeException e) {
      deviceFailure = e;
      throw e;
    } finally {
      leave(token);
    }
  }

  private void enter(CancellationToken token) {
    synchronized (active) {
      if (stopping) {
        throw new IllegalStateException("the application context is closed, or is being closed");
      }
      active.add(token);
    }
  }

  private void leave(CancellationToken token) {
    synchronized (active) {
      active.remove(token);
      active.notifyAll();
    }
  }

  @Override
  public void start() {
    synchronized (active) {
      running = true;
      stopping = false;
    }
  }

  /** Waits for running generations as long as it may, then cancels them and waits for their end. */
  @Override
  public void stop() {
    synchronized (active) {
      stopping = true;
      boolean interrupted = false;
      long end = System.nanoTime() + shutdownWait.toNanos();
      while (!active.isEmpty()) {
        long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        try {
          if (left > 0 && !interrupted) {
            active.wait(left);
          } else {
            active.forEach(CancellationToken::cancel);
            active.wait();
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      running = false;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    synchronized (active) {
      return running;
    }
  }

  /** Reports each denoising step as an event of the observation. */
  private static final class StepEvents implements ProgressListener {
    private final ProgressListener listener;
    private final VideoGenerationContext context;
    private final Observation observation;
    private int done;
    private long stepStart;

    StepEvents(ProgressListener listener, VideoGenerationContext context, Observation observation) {
      this.listener = listener;
      this.context = context;
      this.observation = observation;
    }

    @Override
    public void onProgress(Progress progress) {
      if (progress.phase() == Progress.Phase.DENOISE) {
        long now = System.nanoTime();
        if (progress.done() == 0 && stepStart == 0) {
          stepStart = now;
        } else if (progress.done() > done) {
          done = progress.done();
          context.stepDone(Duration.ofNanos(now - stepStart));
          stepStart = now;
          observation.event(VideoGenerationConvention.STEP);
        }
      }
      listener.onProgress(progress);
    }
  }
}
