package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.t2v.Progress;
import io.t2v.service.JobRecord.JobError;
import io.t2v.service.JobRecord.Status;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is, as watchers see it.
 *
 * @param status of the job
 * @param phase what is being done; null before it starts and after its end
 * @param step units of the phase that are finished
 * @param steps units of the phase
 * @param progress of the whole, in percent
 * @param error why it failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobProgress(
    Status status,
    @Nullable String phase,
    int step,
    int steps,
    int progress,
    @Nullable JobError error) {
  static final JobProgress QUEUED = new JobProgress(Status.QUEUED, null, 0, 0, 0, null);

  static JobProgress of(Progress progress) {
    return new JobProgress(
        Status.IN_PROGRESS,
        progress.phase().name().toLowerCase(Locale.ROOT),
        progress.done(),
        progress.total(),
        (int) (99 * progress.fraction()),
        null);
  }

  static JobProgress ended(JobRecord job) {
    int progress = job.status() == Status.COMPLETED ? 100 : 0;
    return new JobProgress(job.status(), null, 0, 0, progress, job.error());
  }
}
