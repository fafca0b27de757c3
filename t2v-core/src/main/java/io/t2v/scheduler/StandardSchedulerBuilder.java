package io.t2v.scheduler;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Builds a scheduler that has no setters of its own beyond those of {@link SchedulerBuilder}; its
 * further options are set by name.
 *
 * @param <S> the scheduler
 */
public final class StandardSchedulerBuilder<S extends Scheduler>
    extends SchedulerBuilder<S, StandardSchedulerBuilder<S>> {
  private final Function<OptionValues, S> constructor;
  private final BiConsumer<OptionValues, List<String>> check;

  StandardSchedulerBuilder(String name, OptionTable table, Function<OptionValues, S> constructor) {
    this(name, table, constructor, (options, problems) -> {});
  }

  StandardSchedulerBuilder(
      String name,
      OptionTable table,
      Function<OptionValues, S> constructor,
      BiConsumer<OptionValues, List<String>> check) {
    super(name, table);
    this.constructor = constructor;
    this.check = check;
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
