package io.t2v.scheduler;

import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a scheduler. A setter refuses a value that its option does not take, and names both;
 * {@link #build()} reports options that contradict each other. Setters override {@link #config},
 * whichever comes first; setting an option twice is an {@link IllegalStateException}.
 *
 * @param <S> the scheduler
 * @param <B> the builder
 */
public abstract class SchedulerBuilder<S extends Scheduler, B extends SchedulerBuilder<S, B>> {
  private final String name;
  private final OptionTable table;

  /** Options of a configuration, or of the scheduler that the builder started from. */
  private final Map<String, Object> given = new LinkedHashMap<>();

  /** Options that setters set. */
  private final Map<String, Object> chosen = new LinkedHashMap<>();

  private @Nullable SchedulerConfig source;

  SchedulerBuilder(String name, OptionTable table) {
    this.name = name;
    this.table = table;
  }

  /**
   * Sets any option by the reference's name, such as {@code use_karras_sigmas}.
   *
   * @param option name in {@code scheduler_config.json}
   * @param value its value there
   * @return this builder
   * @throws IllegalArgumentException if this scheduler has no such option, or it takes no such
   *     value
   * @throws IllegalStateException if the option was already set
   */
  public final B option(String option, @Nullable Object value) {
    if (!table.has(option)) {
      throw new IllegalArgumentException(
          option + " is " + value + ", but " + name + " has no such option; it has " + table);
    }
    Object read = table.read(option, value);
    if (chosen.containsKey(option)) {
      throw new IllegalStateException(
          String.format(
              "%s was already set to %s, now %s",
              option, written(chosen.get(option)), written(read)));
    }
    chosen.put(option, read);
    return self();
  }

  private static Object written(@Nullable Object value) {
    return value == null ? "null" : Option.write(value).orElse("null");
  }

  /**
   * Sets all options of a configuration that this scheduler has. The rest keeps its default.
   *
   * @param config the configuration, of this or another scheduler
   * @return this builder
   * @throws io.t2v.checkpoint.CheckpointException if the configuration was read from a file, and an
   *     option takes no such value, or no scheduler knows it
   * @throws IllegalArgumentException the same, if it was not
   * @throws IllegalStateException if a configuration was already set
   */
  public final B config(SchedulerConfig config) {
    if (source != null) {
      throw new IllegalStateException("config was already set to " + source + ", now " + config);
    }
    given.putAll(config.readAll(table));
    ForeignOptions.check(config, name, table.names());
    source = config;
    return self();
  }

  /**
   * Sets the number of timesteps that the model was trained on; default 1000.
   *
   * @param timesteps 1 to 1,000,000
   * @return this builder
   * @throws IllegalArgumentException if out of range
   */
  public final B trainTimesteps(int timesteps) {
    return option(Options.NUM_TRAIN_TIMESTEPS.name(), timesteps);
  }

  /**
   * Sets the schedule of betas; default linear from 0.0001 to 0.02.
   *
   * @param schedule its shape
   * @param start the first beta, 0 to 1
   * @param end the last beta, 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if this scheduler does not know the shape, or a beta is out of
   *     range
   */
  public final B betas(BetaSchedule schedule, double start, double end) {
    option(Options.BETA_SCHEDULE.name(), schedule);
    option(Options.BETA_START.name(), start);
    return option(Options.BETA_END.name(), end);
  }

  /**
   * Sets the betas one by one, in place of a schedule.
   *
   * @param betas one for each trained timestep, 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if one is out of range
   */
  public final B trainedBetas(double... betas) {
    return option(Options.TRAINED_BETAS.name(), Doubles.asList(betas));
  }

  /**
   * Sets what the denoiser predicts; default noise.
   *
   * @param type the kind of prediction
   * @return this builder
   * @throws IllegalArgumentException if this scheduler does not know it
   */
  public final B predictionType(PredictionType type) {
    return option(Options.PREDICTION_TYPE.name(), type);
  }

  /**
   * Sets which timesteps a run visits; the default depends on the scheduler.
   *
   * @param spacing the rule
   * @return this builder
   * @throws IllegalArgumentException if this scheduler has no such option
   */
  public final B timestepSpacing(TimestepSpacing spacing) {
    return option(Options.TIMESTEP_SPACING.name(), spacing);
  }

  /**
   * Sets what is added to leading timesteps; default 0.
   *
   * @param offset 0 to 1,000,000
   * @return this builder
   * @throws IllegalArgumentException if out of range, or if this scheduler has no such option
   */
  public final B stepsOffset(int offset) {
    return option(Options.STEPS_OFFSET.name(), offset);
  }

  /**
   * Sets whether noise levels are placed as by Karras et al.; default false.
   *
   * @param karras whether they are
   * @return this builder
   * @throws IllegalArgumentException if this scheduler has no such option
   */
  public final B useKarrasSigmas(boolean karras) {
    return option(Options.USE_KARRAS_SIGMAS.name(), karras);
  }

  /**
   * Builds the scheduler. Can be called again.
   *
   * @return an immutable scheduler
   * @throws io.t2v.checkpoint.CheckpointException that names all options of a file which contradict
   *     each other
   * @throws IllegalArgumentException that names all options which contradict each other, where
   *     setters set some
   */
  public final S build() {
    Map<String, Object> all = new LinkedHashMap<>(given);
    all.putAll(chosen);
    OptionValues values = table.values(all);
    List<String> problems = new ArrayList<>();
    if (table.has(Options.TRAINED_BETAS.name())) {
      int timesteps = values.get(Options.NUM_TRAIN_TIMESTEPS);
      values
          .get(Options.TRAINED_BETAS)
          .filter(betas -> betas.size() != timesteps)
          .ifPresent(
              betas ->
                  problems.add(
                      String.format(
                          "trained_betas has %s entries, but num_train_timesteps is %s",
                          betas.size(), timesteps)));
    }
    checkRules(values, problems);
    check(values, problems);
    if (!problems.isEmpty()) {
      String message = name + ": " + String.join("; ", problems);
      throw source == null || !chosen.isEmpty()
          ? new IllegalArgumentException(message)
          : source.invalid(message);
    }
    return create(values);
  }

  /**
   * Finds options that contradict each other.
   *
   * @param options the complete options
   * @param problems where to add a sentence for each contradiction
   */
  void check(OptionValues options, List<String> problems) {}

  /**
   * Makes the scheduler.
   *
   * @param options the complete options, free of contradictions
   * @return the scheduler
   */
  abstract S create(OptionValues options);

  final B startingFrom(OptionValues options) {
    given.putAll(options.byName());
    return self();
  }

  private static void checkRules(OptionValues options, List<String> problems) {
    List<String> rules = new ArrayList<>();
    for (Option<Boolean> rule :
        List.of(
            Options.USE_KARRAS_SIGMAS,
            Options.USE_EXPONENTIAL_SIGMAS,
            Options.USE_BETA_SIGMAS,
            Options.USE_LU_LAMBDAS)) {
      if (options.isOn(rule)) {
        rules.add(rule.name());
      }
    }
    if (rules.size() > 1) {
      problems.add(String.join(" and ", rules) + " exclude each other");
    }
  }

  /** The options that setters set so far. */
  @Override
  public final String toString() {
    Map<String, Object> options = new LinkedHashMap<>();
    chosen.forEach((option, value) -> options.put(option, written(value)));
    return name + ".builder()" + options;
  }

  @SuppressWarnings("unchecked") // B is this builder's own class, by convention
  private B self() {
    return (B) this;
  }
}
