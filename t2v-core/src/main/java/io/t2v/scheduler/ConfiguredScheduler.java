package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;

/** What all built-in schedulers share: a name and checked options. */
abstract class ConfiguredScheduler implements Scheduler {
  private final String name;
  private final OptionValues options;

  ConfiguredScheduler(String name, OptionValues options) {
    this.name = name;
    this.options = options;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Map<String, Object> config() {
    return options.toConfig();
  }

  @Override
  public final int trainTimesteps() {
    return options.get(Options.NUM_TRAIN_TIMESTEPS);
  }

  @Override
  public final String toString() {
    return name + config();
  }

  final OptionValues options() {
    return options;
  }

  final void checkSteps(PlanRequest request) {
    checkArgument(
        request.steps() <= trainTimesteps(),
        "steps is %s, but the model was trained on %s timesteps: ask for at most %s steps",
        request.steps(),
        trainTimesteps(),
        trainTimesteps());
  }

  final void refuseCustomTimesteps(PlanRequest request) {
    checkArgument(
        request.timesteps().isEmpty(),
        "timesteps is %s, but %s chooses its own: give a number of steps",
        request.timesteps(),
        name);
  }

  final void refuseCustomSigmas(PlanRequest request) {
    checkArgument(
        request.sigmas().isEmpty(),
        "sigmas is %s, but %s chooses its own: give a number of steps",
        request.sigmas(),
        name);
  }
}
