package io.t2v.service;

import io.t2v.ContentRefusedException;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.InsufficientMemoryException;
import io.t2v.PreviewMode;
import io.t2v.Progress;
import io.t2v.ProgressListener;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoWriteException;
import io.t2v.service.JobRecord.JobError;
import io.t2v.spring.VideoGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.springframework.stereotype.Component;

/** Computes a job, and tells those who watch. */
@Component
final class JobRunner {
  private static final System.Logger LOGGER = System.getLogger(JobRunner.class.getName());

  private final VideoGenerator generator;
  private final ResultStore store;
  private final ServiceProperties properties;

  JobRunner(VideoGenerator generator, ResultStore store, ServiceProperties properties) {
    this.generator = generator;
    this.store = store;
    this.properties = properties;
  }

  /** Runs a job to its end; whatever goes wrong is the end of the job, not of the worker. */
  void run(VideoJob job) {
    try {
      GenerationRequest request = job.begin();
      if (request != null) {
        store.write(job.id(), generate(job, request));
        job.complete();
      }
    } catch (GenerationCancelledException e) {
      job.failStopped();
    } catch (ContentRefusedException e) {
      job.fail(new JobError("content_refused", String.valueOf(e.getMessage())));
    } catch (InsufficientMemoryException e) {
      job.fail(new JobError("insufficient_memory", String.valueOf(e.getMessage())));
    } catch (VideoWriteException | RuntimeException | Error e) {
      LOGGER.log(System.Logger.Level.ERROR, "The video of " + job.id() + " was not made", e);
      job.fail(new JobError("generation_failed", "The video could not be made; see the log."));
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.ERROR, "The state of " + job.id() + " was not saved", e);
      job.fail(new JobError("storage_failed", "The job could not be saved; see the log."));
    }
  }

  private Video generate(VideoJob job, GenerationRequest request) {
    return generator.generate(
        request,
        job.record().settings().loras(),
        new Reporter(job, properties.previewInterval().toNanos()),
        PreviewMode.COLOURS,
        job.token());
  }

  /** Passes on what has changed, and previews no faster than they are wanted. */
  private static final class Reporter implements ProgressListener {
    private final VideoJob job;
    private final long previewInterval;
    private JobProgress last = JobProgress.QUEUED;
    private long nextPreview = System.nanoTime();

    Reporter(VideoJob job, long previewInterval) {
      this.job = job;
      this.previewInterval = previewInterval;
    }

    @Override
    public void onProgress(Progress progress) {
      JobProgress now = JobProgress.of(progress);
      if (!now.equals(last)) {
        last = now;
        job.advance(now);
      }
      progress.preview().ifPresent(preview -> show(preview.step(), preview.videos().get(0)));
    }

    private void show(int step, Video video) {
      if (System.nanoTime() - nextPreview < 0) {
        return;
      }
      nextPreview = System.nanoTime() + previewInterval;
      try {
        job.events().publish(JobEvents.Kind.PREVIEW, FrameStrip.of(step, video));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
