package io.t2v.scheduler;

/**
 * Makes a scheduler known by name: to {@link Schedulers}, to the {@code _class_name} of a
 * checkpoint's {@code scheduler_config.json}, and to the command line.
 *
 * <p>An implementation is found by {@link java.util.ServiceLoader}: it is named in {@code
 * META-INF/services/io.t2v.scheduler.SchedulerProvider}, and in a module's {@code provides} as
 * well. It has a public constructor without parameters.
 */
public interface SchedulerProvider extends SchedulerFactory {
  /**
   * Returns the name of the scheduler, which is what its {@link Scheduler#name()} returns.
   *
   * @return a non-blank name that no other scheduler has, by convention ending with {@code
   *     Scheduler}
   */
  String name();

  /**
   * Returns the class of the scheduler, by which {@link Schedulers#fromConfig(Class,
   * SchedulerConfig)} finds it.
   *
   * @return the class of what {@link #fromConfig} makes
   */
  Class<? extends Scheduler> type();
}
