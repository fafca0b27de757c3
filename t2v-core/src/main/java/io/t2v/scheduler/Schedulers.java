package io.t2v.scheduler;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes schedulers by name or class: those of this library, under the reference's class names, and
 * those of every {@link SchedulerProvider} that the thread's context class loader sees.
 *
 * <p>Every method throws an {@link IllegalStateException} if a provider cannot be loaded, or claims
 * a name that is taken; the message names the provider.
 */
public final class Schedulers {
  private static final ImmutableList<SchedulerProvider> FAMILY =
      ImmutableList.of(
          own(DdimScheduler.NAME, DdimScheduler.class, DdimScheduler::fromConfig),
          own(DdpmScheduler.NAME, DdpmScheduler.class, DdpmScheduler::fromConfig),
          own(LcmScheduler.NAME, LcmScheduler.class, LcmScheduler::fromConfig),
          own(PndmScheduler.NAME, PndmScheduler.class, PndmScheduler::fromConfig),
          own(TcdScheduler.NAME, TcdScheduler.class, TcdScheduler::fromConfig),
          own(
              DpmSolverMultistepScheduler.NAME,
              DpmSolverMultistepScheduler.class,
              DpmSolverMultistepScheduler::fromConfig),
          own(
              EulerAncestralDiscreteScheduler.NAME,
              EulerAncestralDiscreteScheduler.class,
              EulerAncestralDiscreteScheduler::fromConfig),
          own(
              EulerDiscreteScheduler.NAME,
              EulerDiscreteScheduler.class,
              EulerDiscreteScheduler::fromConfig),
          own(
              LmsDiscreteScheduler.NAME,
              LmsDiscreteScheduler.class,
              LmsDiscreteScheduler::fromConfig),
          own(
              HeunDiscreteScheduler.NAME,
              HeunDiscreteScheduler.class,
              HeunDiscreteScheduler::fromConfig),
          own(
              KDpm2DiscreteScheduler.NAME,
              KDpm2DiscreteScheduler.class,
              KDpm2DiscreteScheduler::fromConfig),
          own(
              KDpm2AncestralDiscreteScheduler.NAME,
              KDpm2AncestralDiscreteScheduler.class,
              KDpm2AncestralDiscreteScheduler::fromConfig),
          own(EdmEulerScheduler.NAME, EdmEulerScheduler.class, EdmEulerScheduler::fromConfig),
          own(
              DpmSolverSinglestepScheduler.NAME,
              DpmSolverSinglestepScheduler.class,
              DpmSolverSinglestepScheduler::fromConfig),
          own(
              DeisMultistepScheduler.NAME,
              DeisMultistepScheduler.class,
              DeisMultistepScheduler::fromConfig),
          own(
              UniPcMultistepScheduler.NAME,
              UniPcMultistepScheduler.class,
              UniPcMultistepScheduler::fromConfig),
          own(
              DpmSolverSdeScheduler.NAME,
              DpmSolverSdeScheduler.class,
              DpmSolverSdeScheduler::fromConfig));

  private Schedulers() {}

  /** A scheduler of this library. */
  private record Own(String name, Class<? extends Scheduler> type, SchedulerFactory factory)
      implements SchedulerProvider {
    @Override
    public Scheduler fromConfig(SchedulerConfig config) {
      return factory.fromConfig(config);
    }
  }

  /** The factory makes the class, which is what lets {@link #fromConfig} hand it out as such. */
  private static <S extends Scheduler> SchedulerProvider own(
      String name, Class<S> type, SchedulerFactory factory) {
    return new Own(name, type, factory);
  }

  /**
   * Makes the scheduler that a configuration was written for.
   *
   * @param config a {@code scheduler_config.json}
   * @return the scheduler of its class
   * @throws io.t2v.checkpoint.CheckpointException if the configuration was read from a file, and
   *     names no class that is known, or the class refuses an option
   * @throws IllegalArgumentException the same, if it was not
   */
  public static Scheduler fromConfig(SchedulerConfig config) {
    Map<String, SchedulerProvider> all = all();
    @Nullable SchedulerProvider provider = all.get(config.className());
    if (provider == null) {
      throw config.invalid(
          (config.className().isEmpty()
                  ? "there is no _class_name"
                  : "_class_name is " + config.className())
              + ", expected one of "
              + new TreeSet<>(all.keySet())
              + "; or choose a scheduler for it");
    }
    return provider.fromConfig(config);
  }

  /**
   * Makes a scheduler of a class on the noise schedule of a configuration that may have been
   * written for another: options that other schedulers of the family know are ignored, as in the
   * reference's {@code from_config}.
   *
   * @param <S> the scheduler
   * @param type its class, one of this library's or of a plug-in
   * @param config the options
   * @return the scheduler
   * @throws io.t2v.checkpoint.CheckpointException if the configuration was read from a file, and
   *     the class refuses an option, or no scheduler knows one
   * @throws IllegalArgumentException the same, if it was not, or if no scheduler of that class is
   *     known
   */
  public static <S extends Scheduler> S fromConfig(Class<S> type, SchedulerConfig config) {
    for (SchedulerProvider provider : all().values()) {
      if (provider.type() == type) {
        Scheduler made = provider.fromConfig(config);
        if (!type.isInstance(made)) {
          throw new IllegalStateException(
              nameOf(provider) + " promises a " + type.getName() + ", but made " + made);
        }
        return type.cast(made);
      }
    }
    throw new IllegalArgumentException(
        type.getName() + " is no known scheduler: register your own class by a SchedulerProvider");
  }

  /**
   * Finds a scheduler by name, to put it on the noise schedule of a configuration that was written
   * for another.
   *
   * @param name the reference's class name, or that of a plug-in
   * @return what makes it
   * @throws IllegalArgumentException if there is no scheduler of that name
   */
  public static SchedulerFactory byName(String name) {
    Map<String, SchedulerProvider> all = all();
    @Nullable SchedulerProvider provider = all.get(name);
    if (provider == null) {
      throw new IllegalArgumentException(
          "scheduler " + name + " is not known, expected one of " + new TreeSet<>(all.keySet()));
    }
    return provider;
  }

  /**
   * Returns the names that {@link #byName} knows.
   *
   * @return an immutable set: this library's own, then those of plug-ins
   */
  public static Set<String> names() {
    return Collections.unmodifiableSet(all().keySet());
  }

  /** Asked for anew each time: which plug-ins there are depends on the thread's class loader. */
  private static Map<String, SchedulerProvider> all() {
    Map<String, SchedulerProvider> byName = new LinkedHashMap<>();
    FAMILY.forEach(one -> byName.put(one.name(), one));
    for (SchedulerProvider plugIn : plugIns()) {
      String name = plugIn.name();
      if (name.isBlank()) {
        throw new IllegalStateException(
            nameOf(plugIn) + " has a blank name, expected one such as MyScheduler");
      }
      @Nullable SchedulerProvider other = byName.putIfAbsent(name, plugIn);
      if (other != null) {
        throw new IllegalStateException(
            String.format(
                "the scheduler name %s of %s is taken by %s: rename one, or remove it from the"
                    + " class path",
                name, nameOf(plugIn), nameOf(other)));
      }
    }
    return byName;
  }

  private static List<SchedulerProvider> plugIns() {
    try {
      return ImmutableList.copyOf(ServiceLoader.load(SchedulerProvider.class));
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "a scheduler plug-in could not be loaded: "
              + e.getMessage()
              + ". Mend it, or remove it from the class path",
          e);
    }
  }

  private static String nameOf(SchedulerProvider provider) {
    return (provider instanceof Own ? provider.type() : provider.getClass()).getName();
  }
}
