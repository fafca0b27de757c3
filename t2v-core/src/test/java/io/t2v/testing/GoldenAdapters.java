package io.t2v.testing;

import io.t2v.adapter.Adapter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The adapters of {@code golden/adapters}, all for one model. */
public final class GoldenAdapters {
  private GoldenAdapters() {}

  /** The path of a file, or of a folder. */
  public static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(GoldenAdapters.class.getResource("/golden/adapters/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The files of all cases, each once. */
  public static List<Path> files(Map<String, Object> results) {
    return Golden.cases(results, "cases").stream()
        .flatMap(test -> of(test).stream())
        .map(Adapter::path)
        .distinct()
        .toList();
  }

  public static Adapter load(String name) {
    return Adapter.load(file(name));
  }

  /** The adapters of a case, with its scales. */
  public static List<Adapter> of(Map<String, Object> test) {
    return ((List<?>) test.get("adapters"))
        .stream().map(adapter -> scaled((Map<?, ?>) adapter)).toList();
  }

  private static Adapter scaled(Map<?, ?> described) {
    Adapter adapter = load((String) described.get("file")).scale(number(described, "scale"));
    if (described.containsKey("spatialScale")) {
      adapter = adapter.spatialScale(number(described, "spatialScale"));
    }
    if (described.containsKey("temporalScale")) {
      adapter = adapter.temporalScale(number(described, "temporalScale"));
    }
    return adapter;
  }

  private static double number(Map<?, ?> described, String name) {
    return ((Number) described.get(name)).doubleValue();
  }
}
