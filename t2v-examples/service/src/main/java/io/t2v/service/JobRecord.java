package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a job, as JSON beside its video.
 *
 * @param id random, and the name of the job's folder
 * @param status how far it is
 * @param createdAt milliseconds since 1970, as all times here
 * @param startedAt when its computation began
 * @param completedAt when it ended, in either way
 * @param expiresAt when it is forgotten
 * @param settings of the video
 * @param error why it failed
 */
record JobRecord(
    String id,
    Status status,
    long createdAt,
    @Nullable Long startedAt,
    @Nullable Long completedAt,
    @Nullable Long expiresAt,
    VideoSettings settings,
    @Nullable JobError error) {

  /** The states of OpenAI's API. */
  enum Status {
    /** Waits. */
    @JsonProperty("queued")
    QUEUED,
    /** Is computed. */
    @JsonProperty("in_progress")
    IN_PROGRESS,
    /** Its video can be fetched. */
    @JsonProperty("completed")
    COMPLETED,
    /** Has no video; also if it was cancelled. */
    @JsonProperty("failed")
    FAILED;

    boolean isFinal() {
      return this == COMPLETED || this == FAILED;
    }
  }

  /**
   * Why there is no video.
   *
   * @param code for programs
   * @param message for people
   */
  record JobError(String code, String message) {
    static final JobError CANCELLED = new JobError("cancelled", "The job was cancelled.");
    static final JobError INTERRUPTED =
        new JobError("interrupted", "The service stopped before the video was finished.");
  }

  static JobRecord queued(String id, VideoSettings settings, long now) {
    return new JobRecord(id, Status.QUEUED, now, null, null, null, settings, null);
  }

  JobRecord started(long now) {
    return new JobRecord(id, Status.IN_PROGRESS, createdAt, now, null, null, settings, null);
  }

  JobRecord completed(long now, long expires) {
    return new JobRecord(id, Status.COMPLETED, createdAt, startedAt, now, expires, settings, null);
  }

  JobRecord failed(JobError why, long now, long expires) {
    return new JobRecord(id, Status.FAILED, createdAt, startedAt, now, expires, settings, why);
  }
}
