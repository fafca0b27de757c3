package io.t2v.scheduler;

/**
 * Makes a scheduler on the noise schedule of a checkpoint, for example {@code
 * DpmSolverMultistepScheduler::fromConfig}.
 */
@FunctionalInterface
public interface SchedulerFactory {
  /**
   * Makes a scheduler from the content of a {@code scheduler_config.json}, which may have been
   * written for another class: options that other schedulers know are ignored, as in the
   * reference's {@code from_config}.
   *
   * @param config the options
   * @return the scheduler
   * @throws io.t2v.checkpoint.CheckpointException if the options were read from a file, and one has
   *     a value that this scheduler refuses, some contradict each other, or no scheduler knows one
   * @throws IllegalArgumentException the same, if they were not
   */
  Scheduler fromConfig(SchedulerConfig config);
}
