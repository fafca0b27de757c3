package io.t2v.internal.pipeline;

import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;

/** A scheduler with a noise schedule of its own: the checkpoint's config is not read. */
public record FixedScheduler(Scheduler scheduler) implements SchedulerFactory {
  @Override
  public Scheduler fromConfig(SchedulerConfig config) {
    return scheduler;
  }
}
