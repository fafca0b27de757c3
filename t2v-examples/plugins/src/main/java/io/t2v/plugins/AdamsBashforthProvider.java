package io.t2v.plugins;

import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerProvider;

/** Makes {@link AdamsBashforthScheduler} known by name. */
public final class AdamsBashforthProvider implements SchedulerProvider {
  /** For the service loader. */
  public AdamsBashforthProvider() {}

  @Override
  public String name() {
    return AdamsBashforthScheduler.NAME;
  }

  @Override
  public Class<? extends Scheduler> type() {
    return AdamsBashforthScheduler.class;
  }

  @Override
  public Scheduler fromConfig(SchedulerConfig config) {
    return AdamsBashforthScheduler.fromConfig(config);
  }
}
