package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.adapter.Adapter;
import io.t2v.internal.adapter.ScaledAdapter;
import java.util.List;
import java.util.Map;

/** The adapters of a pipeline, for what is below it and for the record of its videos. */
final class Adapters {
  private Adapters() {}

  /** As the layers below know them. */
  static List<ScaledAdapter> scaled(List<Adapter> adapters) {
    return adapters.stream().map(ScaledAdapter.class::cast).toList();
  }

  /** Adds what a video's record says about adapters; nothing without any. */
  static Map<String, Object> recordedIn(Map<String, Object> origin, List<Adapter> adapters) {
    if (adapters.isEmpty()) {
      return origin;
    }
    return ImmutableMap.<String, Object>builder()
        .putAll(origin)
        .put(Provenance.ADAPTERS, adapters.stream().map(Adapters::properties).toList())
        .buildOrThrow();
  }

  private static Map<String, Object> properties(Adapter adapter) {
    return ImmutableMap.of(
        "file", adapter.path().toString(),
        "sha256", adapter.digest(),
        "scale", adapter.scale(),
        "spatialScale", adapter.spatialScale(),
        "temporalScale", adapter.temporalScale());
  }
}
