package io.t2v.adapter;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.adapter.AdapterFile;
import io.t2v.internal.adapter.AdapterFile.Target;
import io.t2v.internal.adapter.LowRank;
import io.t2v.internal.adapter.ScaledAdapter;
import java.nio.file.Path;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** ownSpatialScale, ownTemporalScale: null for the scale of all layers. */
record LoadedAdapter(
    AdapterFile file,
    double scale,
    @Nullable Double ownSpatialScale,
    @Nullable Double ownTemporalScale)
    implements Adapter, ScaledAdapter {
  LoadedAdapter {
    requireFinite("scale", scale);
    requireFinite("spatialScale", ownSpatialScale);
    requireFinite("temporalScale", ownTemporalScale);
  }

  private static void requireFinite(String name, @Nullable Double value) {
    checkArgument(
        value == null || Double.isFinite(value), "%s is %s, expected a finite number", name, value);
  }

  @Override
  public Adapter scale(double newScale) {
    return new LoadedAdapter(file, newScale, ownSpatialScale, ownTemporalScale);
  }

  @Override
  public Adapter spatialScale(double newScale) {
    return new LoadedAdapter(file, scale, newScale, ownTemporalScale);
  }

  @Override
  public Adapter temporalScale(double newScale) {
    return new LoadedAdapter(file, scale, ownSpatialScale, newScale);
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String digest() {
    return file.digest();
  }

  @Override
  public double spatialScale() {
    return ownSpatialScale == null ? scale : ownSpatialScale;
  }

  @Override
  public double temporalScale() {
    return ownTemporalScale == null ? scale : ownTemporalScale;
  }

  @Override
  public double scaleOfSpatial() {
    return spatialScale();
  }

  @Override
  public double scaleOfTemporal() {
    return temporalScale();
  }

  @Override
  public double scaleOfText() {
    return scale;
  }

  @Override
  public AdapterSummary summary() {
    List<LowRank> layers = file.layers().values().stream().flatMap(List::stream).toList();
    LongSummaryStatistics ranks = layers.stream().mapToLong(LowRank::rank).summaryStatistics();
    boolean known = !file.layers().containsKey(Target.UNKNOWN);
    return new AdapterSummary(
        file.style().toString(),
        layers.size(),
        known ? OptionalInt.of(count(Target.UNET)) : OptionalInt.empty(),
        known ? OptionalInt.of(count(Target.TEXT_ENCODER)) : OptionalInt.empty(),
        ranks.getMin(),
        ranks.getMax(),
        file.tensors().parameters(),
        file.tensors().dtypes(),
        file.notes());
  }

  private int count(Target target) {
    List<LowRank> layers = file.layers().get(target);
    return layers == null ? 0 : layers.size();
  }

  @Override
  public String toString() {
    return spatialScale() == scale && temporalScale() == scale
        ? "%s at %s".formatted(file, scale)
        : "%s at %s (spatial %s, temporal %s)"
            .formatted(file, scale, spatialScale(), temporalScale());
  }
}
