package io.t2v.service;

import io.t2v.Video;
import java.io.IOException;
import java.util.List;
import org.springframework.core.io.Resource;

/**
 * Where jobs and their results survive the process. Thread-safe, one call for each job at a time.
 */
interface ResultStore {
  /** Everything that was saved, oldest first. */
  List<JobRecord> load() throws IOException;

  /** Replaces what is known of a job, at once or not at all. */
  void save(JobRecord job) throws IOException;

  /** Writes the files of a job that was saved before; the job is not finished until it is saved. */
  void write(String id, Video video) throws IOException;

  /** Opens a file of a finished job. */
  Resource open(String id, ResultFile file);

  /** Forgets a job and its files. */
  void delete(String id) throws IOException;
}
