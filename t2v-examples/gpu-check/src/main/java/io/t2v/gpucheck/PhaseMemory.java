package io.t2v.gpucheck;

import io.t2v.Progress;
import io.t2v.Progress.Phase;
import io.t2v.ProgressListener;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Listens to a generation, and notes a device's memory when each of its phases begins and ends. */
final class PhaseMemory implements ProgressListener {
  private final DeviceMeter meter;
  private final Map<Phase, Long> atStart = new EnumMap<>(Phase.class);
  private final Map<Phase, Long> peaks = new EnumMap<>(Phase.class);
  private @Nullable Phase running;

  PhaseMemory(DeviceMeter meter) {
    this.meter = meter;
  }

  @Override
  public void onProgress(Progress progress) {
    if (progress.phase() != running) {
      end();
      running = progress.phase();
      atStart.put(running, meter.allocatedBytes());
    }
  }

  /** Ends the last phase. */
  void end() {
    if (running != null) {
      peaks.merge(running, meter.peakBytes(), Math::max);
    }
  }

  long peak() {
    return peaks.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  long atStartOf(Phase phase) {
    return atStart.getOrDefault(phase, 0L);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    peaks.forEach((phase, bytes) -> map.put(phase.name().toLowerCase(Locale.ROOT), bytes));
    return map;
  }
}
