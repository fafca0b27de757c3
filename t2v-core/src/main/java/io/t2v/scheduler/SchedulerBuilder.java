package io.t2v.scheduler;

import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a scheduler. A setter refuses a value that its option does not take, and names both; what
 * only shows in combination is reported by {@link #build()}.
 *
 * @param <S> the scheduler
 * @param <B> the builder
 */
public abstract class SchedulerBuilder<S extends Scheduler, B extends SchedulerBuilder<S, B>> {
  private final String name;
  private final OptionTable table;
  private final Map<String, Object> chosen = new LinkedHashMap<>();

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
   */
  public final B option(String option, @Nullable Object value) {
    if (!table.has(option)) {
      throw new IllegalArgumentException(
          option + " is " + value + ", but " + name + " has no such option; it has " + table);
    }
    chosen.put(option, table.read(option, value));
    return self();
  }

  /**
   * Sets all options of a configuration that this scheduler has. The rest keeps its default.
   *
   * @param config the configuration, of this or another scheduler
   * @return this builder
   * @throws IllegalArgumentException if an option takes no such value, or if no scheduler knows it
   */
  public final B config(SchedulerConfig config) {
    config
        .options()
        .forEach(
            (option, value) -> {
              try {
                if (table.has(option)) {
                  option(option, value);
                } else {
                  requireIgnorable(option, value);
                }
              } catch (IllegalArgumentException e) {
                throw config.invalid(String.valueOf(e.getMessage()));
              }
            });
    return self();
  }

  private void requireIgnorable(String option, @Nullable Object value) {
    Options.problemOfIgnoring(option, value)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(
                  problem + "; " + name + " has " + table + ", and ignores those of others");
            });
  }

  /**
   * Sets the number of timesteps that the model was trained on; default 1000.
   *
   * @param timesteps at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
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
   * Builds the scheduler.
   *
   * @return an immutable scheduler
   * @throws IllegalArgumentException that names all options which contradict each other
   */
  public final S build() {
    OptionValues values = table.values(chosen);
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
                          "trained_betas has %d entries, but num_train_timesteps is %d",
                          betas.size(), timesteps)));
    }
    checkRules(values, problems);
    check(values, problems);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(name + ": " + String.join("; ", problems));
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

  final B copyOf(OptionValues options) {
    options.byName().forEach(this::option);
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

  @SuppressWarnings("unchecked") // B is this builder's own class, by convention
  private B self() {
    return (B) this;
  }
}
