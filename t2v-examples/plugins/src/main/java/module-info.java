/** A scheduler as a plug-in: whatever has this module on its path finds it by its name. */
module io.t2v.plugins {
  requires io.t2v.core;
  requires static org.jspecify;

  provides io.t2v.scheduler.SchedulerProvider with
      io.t2v.plugins.AdamsBashforthProvider;
}
