/**
 * One plug-in of each kind. Whatever has this module on its path finds the scheduler by its name.
 */
module io.t2v.plugins {
  requires io.t2v.core;
  requires static org.jspecify;

  provides io.t2v.scheduler.SchedulerProvider with
      io.t2v.plugins.AdamsBashforthProvider;
}
