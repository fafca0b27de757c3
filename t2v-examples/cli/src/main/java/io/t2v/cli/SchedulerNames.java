package io.t2v.cli;

import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The names of schedulers on the command line: the reference's class names, also without the ending
 * {@code Scheduler}, in any case; and the names by which some of them are known.
 */
final class SchedulerNames implements Iterable<String> {
  private static final String ENDING = "scheduler";
  private static final Map<String, String> KNOWN_AS =
      Map.of("dpm++", "DPMSolverMultistepScheduler");

  /** A scheduler that was asked for. */
  record Choice(String name, SchedulerFactory factory) {}

  /** Reads a name. */
  static final class Converter implements ITypeConverter<Choice> {
    @Override
    public Choice convert(String value) {
      String name = byShortName().get(shortName(value));
      if (name == null) {
        throw new TypeConversionException(
            "there is no scheduler '" + value + "', expected one of " + shortNames());
      }
      return new Choice(name, Schedulers.byName(name));
    }
  }

  private static Map<String, String> byShortName() {
    Map<String, String> names = new TreeMap<>();
    Schedulers.names().forEach(name -> names.put(shortName(name), name));
    KNOWN_AS.forEach(
        (known, name) -> {
          if (Schedulers.names().contains(name)) {
            names.put(known, name);
          }
        });
    return names;
  }

  private static String shortName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(ENDING) ? lower.substring(0, lower.length() - ENDING.length()) : lower;
  }

  private static String shortNames() {
    return String.join(", ", byShortName().keySet());
  }

  @Override
  public Iterator<String> iterator() {
    return byShortName().keySet().iterator();
  }
}
