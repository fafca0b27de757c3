package io.t2v.service;

import io.t2v.GenerationRequest;
import io.t2v.service.JobRecord.JobError;
import io.t2v.service.JobRecord.Status;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** All jobs that are known, from their creation until they expire or are deleted. Thread-safe. */
@Component
final class VideoJobs {
  private static final System.Logger LOGGER = System.getLogger(VideoJobs.class.getName());
  private static final int ID_BYTES = 16;

  private final SecureRandom random = new SecureRandom();
  private final ResultStore store;
  private final JobQueue queue;
  private final Clock clock;
  private final ServiceProperties properties;

  /** In the order of their creation; guarded by itself. */
  private final Map<String, VideoJob> jobs = new LinkedHashMap<>();

  VideoJobs(ResultStore store, JobQueue queue, Clock clock, ServiceProperties properties)
      throws IOException {
    this.store = store;
    this.queue = queue;
    this.clock = clock;
    this.properties = properties;
    for (JobRecord record : store.load()) {
      recover(record);
    }
  }

  private void recover(JobRecord record) {
    VideoJob job = VideoJob.recover(record, store, clock, properties.timeToLive());
    jobs.put(job.id(), job);
    if (job.record().status() == Status.QUEUED && !queue.offer(job)) {
      job.fail(JobError.INTERRUPTED);
    }
  }

  /** Refuses at once where {@link #create} would, before the work of checking a request. */
  void requireRoom() {
    if (queue.isFull()) {
      throw full();
    }
  }

  private ApiException full() {
    return ApiException.later(
        HttpStatus.TOO_MANY_REQUESTS,
        "queue_full",
        "There are " + properties.queueCapacity() + " jobs waiting already: try again later.",
        queue.retryAfterSeconds());
  }

  /** Queues a job. */
  VideoJob create(VideoSettings settings, GenerationRequest request) throws IOException {
    VideoJob job =
        VideoJob.create(newId(), settings, request, store, clock, properties.timeToLive());
    synchronized (jobs) {
      jobs.put(job.id(), job);
    }
    if (!queue.offer(job)) {
      delete(job);
      throw full();
    }
    return job;
  }

  private String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return "video_" + HexFormat.of().formatHex(bytes);
  }

  /** The job of that name; a client's text is only ever compared, never made a path. */
  VideoJob find(String id) {
    synchronized (jobs) {
      VideoJob job = jobs.get(id);
      if (job == null) {
        throw ApiException.of(
            HttpStatus.NOT_FOUND, "not_found", "There is no video of that id, or it has expired.");
      }
      return job;
    }
  }

  /** All jobs behind one of them, or from the start. */
  List<VideoJob> list(boolean ascending, @Nullable String after) {
    List<VideoJob> all;
    synchronized (jobs) {
      all = new ArrayList<>(jobs.values());
    }
    if (!ascending) {
      Collections.reverse(all);
    }
    return after == null ? all : all.subList(all.indexOf(find(after)) + 1, all.size());
  }

  void cancel(VideoJob job) {
    job.cancel();
    queue.remove(job);
  }

  void delete(VideoJob job) throws IOException {
    synchronized (jobs) {
      jobs.remove(job.id());
    }
    job.delete();
    queue.remove(job);
  }

  int queuePosition(VideoJob job) {
    return queue.position(job);
  }

  /** Forgets what has been kept long enough. */
  @Scheduled(initialDelay = 1, fixedDelay = 1, timeUnit = TimeUnit.MINUTES)
  void expire() {
    long now = clock.millis();
    for (VideoJob job : list(true, null)) {
      Long expires = job.record().expiresAt();
      if (expires != null && expires <= now) {
        try {
          delete(job);
        } catch (IOException e) {
          LOGGER.log(System.Logger.Level.WARNING, "Could not delete " + job.id(), e);
        }
      }
    }
  }
}
