package io.t2v.service;

import io.t2v.CancellationToken;
import io.t2v.GenerationRequest;
import io.t2v.service.JobRecord.JobError;
import io.t2v.service.JobRecord.Status;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A job from its creation to its end. Its state only moves forward: queued, in progress, and then
 * completed or failed. Each change is saved before anybody sees it, but for a failure that cannot
 * be saved: it is seen all the same, and the next process finds the state before it. Thread-safe.
 */
final class VideoJob {
  private static final System.Logger LOGGER = System.getLogger(VideoJob.class.getName());

  private final ResultStore store;
  private final Clock clock;
  private final Duration timeToLive;
  private final CancellationToken token = new CancellationToken();
  private final JobEvents events;

  private JobRecord record;

  /** Not kept once the job has ended: it may hold videos to start from. */
  private @Nullable GenerationRequest request;

  private int progress;
  private boolean deleted;
  private JobError stopReason = JobError.INTERRUPTED;

  private VideoJob(
      JobRecord record,
      @Nullable GenerationRequest request,
      ResultStore store,
      Clock clock,
      Duration timeToLive) {
    this.record = record;
    this.request = request;
    this.store = store;
    this.clock = clock;
    this.timeToLive = timeToLive;
    this.events = new JobEvents(clock.millis());
    this.progress = record.status() == Status.COMPLETED ? 100 : 0;
  }

  /** A new job. */
  static VideoJob create(
      String id,
      VideoSettings settings,
      GenerationRequest request,
      ResultStore store,
      Clock clock,
      Duration timeToLive)
      throws IOException {
    JobRecord queued = JobRecord.queued(id, settings, clock.millis());
    store.save(queued);
    VideoJob job = new VideoJob(queued, request, store, clock, timeToLive);
    job.publishProgress(JobProgress.QUEUED);
    return job;
  }

  /**
   * A job of an earlier process. One that had not begun waits again; it is failed if its request
   * cannot be made anew, as one is that had begun.
   */
  static VideoJob recover(JobRecord record, ResultStore store, Clock clock, Duration timeToLive) {
    GenerationRequest request = null;
    if (record.status() == Status.QUEUED) {
      try {
        request = record.settings().toRequest();
      } catch (RuntimeException e) {
        LOGGER.log(System.Logger.Level.WARNING, "Cannot queue " + record.id() + " again", e);
      }
    }
    VideoJob job = new VideoJob(record, request, store, clock, timeToLive);
    if (record.status().isFinal()) {
      job.publishEnd();
    } else if (request != null) {
      job.publishProgress(JobProgress.QUEUED);
    } else {
      job.fail(JobError.INTERRUPTED);
    }
    return job;
  }

  String id() {
    return record().id();
  }

  synchronized JobRecord record() {
    return record;
  }

  /** Percent. */
  synchronized int progress() {
    return progress;
  }

  JobEvents events() {
    return events;
  }

  /** Cancelled when the job is to end early. */
  CancellationToken token() {
    return token;
  }

  /**
   * Moves from queued to in progress.
   *
   * @return what to generate; null if the job has ended while it waited, or was interrupted
   */
  synchronized @Nullable GenerationRequest begin() throws IOException {
    if (record.status() != Status.QUEUED || token.isCancelled()) {
      return null;
    }
    change(record.started(now()));
    return request;
  }

  /** Tells watchers how far it is, if that has changed. */
  void advance(JobProgress step) {
    synchronized (this) {
      progress = step.progress();
    }
    publishProgress(step);
  }

  private void publishProgress(JobProgress step) {
    events.publish(JobEvents.Kind.PROGRESS, step);
  }

  synchronized void complete() throws IOException {
    if (!record.status().isFinal()) {
      change(record.completed(now(), expires()));
      progress = 100;
      end();
    }
  }

  synchronized void fail(JobError error) {
    if (!record.status().isFinal()) {
      JobRecord failed = record.failed(error, now(), expires());
      try {
        change(failed);
      } catch (IOException | RuntimeException e) {
        LOGGER.log(System.Logger.Level.ERROR, "The end of " + id() + " was not saved", e);
        record = failed;
      }
      end();
    }
  }

  private void end() {
    request = null;
    publishEnd();
    if (deleted) {
      try {
        store.delete(record.id());
      } catch (IOException e) {
        LOGGER.log(System.Logger.Level.WARNING, "Could not delete " + id(), e);
      }
    }
  }

  private void publishEnd() {
    boolean completed = record.status() == Status.COMPLETED;
    events.publish(
        completed ? JobEvents.Kind.COMPLETED : JobEvents.Kind.FAILED, JobProgress.ended(record));
  }

  /** Ends the job at once where it waits, and within one block of the network where it runs. */
  synchronized void cancel() {
    stop(JobError.CANCELLED);
    if (record.status() == Status.QUEUED) {
      failStopped();
    }
  }

  /** Ends the job where it runs, because the service stops. Where it waits, it begins no more. */
  synchronized void interrupt() {
    stop(JobError.INTERRUPTED);
  }

  private void stop(JobError reason) {
    if (!token.isCancelled()) {
      stopReason = reason;
      token.cancel();
    }
  }

  /** Fails a job whose generation was stopped, for the reason why it was. */
  synchronized void failStopped() {
    fail(stopReason);
  }

  /** Forgets the job; a running one's files are deleted when it has ended. */
  synchronized void delete() throws IOException {
    deleted = true;
    if (record.status().isFinal()) {
      store.delete(record.id());
    } else {
      cancel();
    }
  }

  private void change(JobRecord changed) throws IOException {
    store.save(changed);
    record = changed;
  }

  private long now() {
    return clock.millis();
  }

  private long expires() {
    return clock.millis() + timeToLive.toMillis();
  }
}
