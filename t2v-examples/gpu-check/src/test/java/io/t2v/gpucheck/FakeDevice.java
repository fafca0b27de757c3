package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.offload.OffloadPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The CPU with memory that can be metered: nothing first, then weights and a peak. */
final class FakeDevice implements DeviceAccess, DeviceMeter {
  static final long GIB = 1L << 30;

  long weights;
  long peak;
  long available = 16 * GIB;
  boolean capped;
  OffloadPolicy optimizedPolicy = OffloadPolicy.component();
  final List<Boolean> tf32 = new ArrayList<>();
  private boolean isReset;
  private boolean hasBegun;

  FakeDevice(long weights, long peak) {
    this.weights = weights;
    this.peak = peak;
  }

  @Override
  public Optional<DeviceMeter> meter(ComputeDevice device) {
    return Optional.of(this);
  }

  @Override
  public Map<String, OffloadPolicy> policies(ComputeDevice device) {
    return Map.of();
  }

  @Override
  public Optional<BiFunction<PipelineBuilder, Boolean, PipelineBuilder>> graphs(
      ComputeDevice device) {
    return Optional.of((builder, on) -> builder);
  }

  @Override
  public Map<GpuOptimization, UnaryOperator<PipelineBuilder>> optimizations(ComputeDevice device) {
    return Map.of(
        GpuOptimization.CHANNELS_LAST_GROUP_NORM, builder -> builder.offload(optimizedPolicy));
  }

  @Override
  public Optional<Consumer<Boolean>> tf32(ComputeDevice device) {
    return Optional.of(tf32::add);
  }

  @Override
  public long availableBytes() {
    return available;
  }

  @Override
  public long peakBytes() {
    boolean asNow = isReset;
    isReset = false;
    if (!asNow) {
      return peak;
    }
    long now = hasBegun ? weights : 0;
    hasBegun = true;
    return now;
  }

  @Override
  public void resetPeak() {
    isReset = true;
  }

  @Override
  public void emptyCache() {}

  @Override
  public void cap(long bytes) {
    capped = true;
  }

  @Override
  public void uncap() {
    capped = false;
  }
}
