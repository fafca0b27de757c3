package io.t2v;

import io.t2v.internal.io.AtomicFile;
import io.t2v.internal.io.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request that fits the pipeline, ready to run: checked, with listeners attached. Each of the
 * {@code to} methods runs it from the start.
 *
 * <p>Setters change this object and return it; set everything before running. A run computes on a
 * thread of the pipeline while the caller waits: what libtorch sets for a thread, such as its
 * number of threads or its inference mode, stays as it is on the caller's.
 */
public final class Generation {
  private final TextToVideoPipeline pipeline;
  private final GenerationRequest request;
  private ProgressListener listener = progress -> {};
  private PreviewMode previews = PreviewMode.NONE;
  private @Nullable CancellationToken token;
  private @Nullable Path savedTo;
  private @Nullable SavedRun resumed;

  /** Cancelled with the future of an asynchronous run. */
  private final CancellationToken asyncToken = new CancellationToken();

  Generation(TextToVideoPipeline pipeline, GenerationRequest request) {
    this.pipeline = pipeline;
    this.request = request;
  }

  /**
   * Returns what is known of the videos before they are generated.
   *
   * @return size, number of frames and frame rate of each video; without provenance
   */
  public VideoInfo videoInfo() {
    return pipeline.videoInfo(request);
  }

  /**
   * Estimates how long the run takes, from the time that each phase of earlier runs of this
   * pipeline took for its amount of work; they may have had other sizes. Loading weights, waiting
   * for other runs and sharing the machine with them are not included.
   *
   * @return the time until the videos are there; empty if no run has ended that did all that this
   *     one does
   * @throws IllegalStateException if the pipeline is closed
   */
  public Optional<Duration> estimate() {
    return pipeline.estimate(request);
  }

  /**
   * Sets who is told of progress. Default: nobody.
   *
   * @param listener called on a thread of the pipeline, while the caller waits
   * @return this object
   */
  public Generation onProgress(ProgressListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Sets whether the {@linkplain #onProgress listener} is shown a preview of the videos after each
   * denoising step. Default: {@link PreviewMode#NONE}.
   *
   * @param mode how
   * @return this object
   * @throws IllegalStateException if the pipeline has a {@link ContentFilter} that does not {@link
   *     ContentFilter#allowsPreviews allow previews}
   */
  public Generation previews(PreviewMode mode) {
    pipeline.requirePreviews(mode);
    this.previews = mode;
    return this;
  }

  /**
   * Sets what can stop the run. Default: the interruption of its thread, and the closing of the
   * pipeline, which stop it anyway.
   *
   * @param token cancelled from any thread
   * @return this object
   */
  public Generation cancelledBy(CancellationToken token) {
    this.token = token;
    return this;
  }

  /**
   * Saves the run after each step, so that another process can continue it where this one was
   * stopped or killed: at most one step is lost. The result is bit for bit that of a run that
   * nobody stopped, on the same kind of machine with the same number of threads. Default: not
   * saved.
   *
   * <p>Each step takes longer by the time to write some megabytes to the disk. The file stays when
   * the run ends; resumed from its last step, a run only decodes.
   *
   * @param file to write, in a folder that exists; a file there is replaced after each step, by a
   *     complete one or not at all
   * @return this object
   * @throws SavedRunException if it cannot be written there, or the scheduler, guidance or
   *     constraint is a plug-in that does not say what it remembers: one that is not {@link
   *     io.t2v.scheduler.Stateful}
   * @see SavedRun
   */
  public Generation saveRunTo(Path file) {
    pipeline.requireSavable(request);
    try {
      AtomicFile.create(file).close();
    } catch (IOException e) {
      throw new SavedRunException(
          "The run cannot be saved to " + file + ": " + FileErrors.reason(e) + ".", e);
    }
    this.savedTo = file;
    return this;
  }

  /**
   * Continues a saved run of the same request instead of starting at its first step.
   *
   * @param run of this request on this model, by this version of the library
   * @return this object
   * @throws SavedRunException if it is another run; the message names what differs
   */
  public Generation resume(SavedRun run) {
    pipeline.requireSavable(request);
    run.requireSame(request.seeds(), pipeline.runSettings(request, run.seeds()));
    this.resumed = run;
    return this;
  }

  /**
   * Generates the video of a request with one prompt.
   *
   * @return the video
   * @throws ContentRefusedException if the content filter refused a frame
   * @throws IllegalStateException if the request asks for several videos, or the pipeline is closed
   * @throws GenerationCancelledException if the run was stopped
   */
  public Video toVideo() {
    requireOneVideo();
    return toVideos().get(0);
  }

  private void requireOneVideo() {
    if (request.videos() != 1) {
      throw new IllegalStateException(
          "the request asks for " + request.videos() + " videos: use toVideos()");
    }
  }

  /**
   * Generates all videos of a request.
   *
   * @return one a prompt
   * @throws ContentRefusedException if the content filter refused a frame
   * @throws IllegalStateException if the pipeline is closed
   * @throws GenerationCancelledException if the run was stopped
   */
  public List<Video> toVideos() {
    return pipeline.run(this, GenerationRun::videos);
  }

  /**
   * Starts to generate the video of a request with one prompt, and does not wait for it.
   *
   * @param executor one of its threads waits for the video, and may be a virtual one; the work
   *     itself is done on a thread of the pipeline
   * @return the video to come; cancelling it stops the generation. It fails with what {@link
   *     #toVideo} throws
   * @throws IllegalStateException if the request asks for several videos
   */
  public CompletableFuture<Video> toVideoAsync(Executor executor) {
    requireOneVideo();
    return CancellableFuture.start(asyncToken, executor, this::toVideo);
  }

  /**
   * Starts to generate all videos of a request, and does not wait for them.
   *
   * @param executor one of its threads waits for the videos
   * @return the videos to come; cancelling them stops the generation
   */
  public CompletableFuture<List<Video>> toVideosAsync(Executor executor) {
    return CancellableFuture.start(asyncToken, executor, this::toVideos);
  }

  /**
   * Generates all videos of a request and hands each frame on as soon as it is decoded, for clips
   * that are too long to be held as a whole.
   *
   * @param sink called on a thread of the pipeline, while the caller waits
   * @return what is known of each video when all is done, with the times that it took
   * @throws IOException that the sink threw
   * @throws ContentRefusedException if the content filter refused a frame; the ones before it are
   *     with the sink
   * @throws IllegalStateException if the pipeline is closed
   * @throws GenerationCancelledException if the run was stopped
   */
  public List<VideoInfo> toFrames(FrameSink sink) throws IOException {
    try {
      return pipeline.run(this, run -> run.frames(sink));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Generates latents, without decoding them. A {@link ContentFilter} has seen the prompts, but
   * there are no frames for it to see: whoever decodes the latents filters those.
   *
   * @return [videos, channels, frames, height / f, width / f] as the denoiser knows them (the
   *     reference's {@code output_type="latent"})
   * @throws IllegalStateException if the pipeline is closed
   * @throws GenerationCancelledException if the run was stopped
   */
  public NdArray toLatents() {
    return pipeline.run(this, GenerationRun::latents);
  }

  GenerationRequest request() {
    return request;
  }

  ProgressListener listener() {
    return listener;
  }

  PreviewMode previews() {
    return previews;
  }

  RunSaving saving(Supplier<RunSettings> settings) {
    return new RunSaving(
        Optional.ofNullable(resumed),
        Optional.ofNullable(savedTo),
        savedTo == null ? Optional.empty() : Optional.of(settings.get()));
  }

  boolean isCancelled() {
    return asyncToken.isCancelled() || (token != null && token.isCancelled());
  }
}
