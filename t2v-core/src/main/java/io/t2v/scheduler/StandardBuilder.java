package io.t2v.scheduler;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Builds a scheduler that has no setters of its own beyond those here and {@link #option}.
 *
 * @param <S> the scheduler
 */
public final class StandardBuilder<S extends Scheduler>
    extends SchedulerBuilder<S, StandardBuilder<S>> {
  private final Function<OptionValues, S> constructor;
  private final BiConsumer<OptionValues, List<String>> check;

  StandardBuilder(String name, OptionTable table, Function<OptionValues, S> constructor) {
    this(name, table, constructor, (options, problems) -> {});
  }

  StandardBuilder(
      String name,
      OptionTable table,
      Function<OptionValues, S> constructor,
      BiConsumer<OptionValues, List<String>> check) {
    super(name, table);
    this.constructor = constructor;
    this.check = check;
  }

  /**
   * Sets which timesteps a run visits.
   *
   * @param spacing the rule
   * @return this builder
   * @throws IllegalArgumentException if this scheduler has no such option
   */
  public StandardBuilder<S> timestepSpacing(TimestepSpacing spacing) {
    return option(Options.TIMESTEP_SPACING.name(), spacing);
  }

  /**
   * Sets what is added to leading timesteps.
   *
   * @param offset at least 0
   * @return this builder
   * @throws IllegalArgumentException if below 0, or if this scheduler has no such option
   */
  public StandardBuilder<S> stepsOffset(int offset) {
    return option(Options.STEPS_OFFSET.name(), offset);
  }

  /**
   * Sets whether noise levels are placed as by Karras et al.
   *
   * @param karras whether they are
   * @return this builder
   * @throws IllegalArgumentException if this scheduler has no such option
   */
  public StandardBuilder<S> useKarrasSigmas(boolean karras) {
    return option(Options.USE_KARRAS_SIGMAS.name(), karras);
  }

  @Override
  void check(OptionValues options, List<String> problems) {
    check.accept(options, problems);
  }

  @Override
  S create(OptionValues options) {
    return constructor.apply(options);
  }
}
