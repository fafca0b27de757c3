package io.t2v.scheduler;

/** A choice that a configuration file spells in its own way. */
interface ConfigValue {
  /**
   * Returns the spelling.
   *
   * @return the word in {@code scheduler_config.json}
   */
  String configName();
}
