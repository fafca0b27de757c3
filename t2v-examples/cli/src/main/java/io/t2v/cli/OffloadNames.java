package io.t2v.cli;

import io.t2v.offload.OffloadPolicy;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The names of offload policies on the command line. */
final class OffloadNames implements Iterable<String> {
  private static final Map<String, OffloadPolicy> POLICIES =
      new TreeMap<>(
          Map.of(
              "auto", OffloadPolicy.auto(),
              "none", OffloadPolicy.none(),
              "component", OffloadPolicy.component(),
              "streaming", OffloadPolicy.streaming(),
              "disk", OffloadPolicy.disk()));

  /** Reads a name. */
  static final class Converter implements ITypeConverter<OffloadPolicy> {
    @Override
    public OffloadPolicy convert(String value) {
      OffloadPolicy policy = POLICIES.get(value.toLowerCase(Locale.ROOT));
      if (policy == null) {
        throw new TypeConversionException(
            "there is no policy '"
                + value
                + "', expected one of "
                + String.join(", ", POLICIES.keySet()));
      }
      return policy;
    }
  }

  @Override
  public Iterator<String> iterator() {
    return POLICIES.keySet().iterator();
  }
}
