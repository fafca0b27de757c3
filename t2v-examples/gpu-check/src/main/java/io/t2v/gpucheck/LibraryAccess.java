package io.t2v.gpucheck;

import io.t2v.TextToVideoPipeline;
import io.t2v.device.Device;
import io.t2v.offload.OffloadPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** What this version of the library has. */
public final class LibraryAccess implements DeviceAccess {
  /** Makes the access. */
  public LibraryAccess() {}

  @Override
  public Optional<DeviceMeter> meter(Device device) {
    return isCuda(device) ? Optional.of(new CudaMeter(device)) : Optional.empty();
  }

  @Override
  public Map<String, OffloadPolicy> policies(Device device) {
    Map<String, OffloadPolicy> policies = new LinkedHashMap<>();
    policies.put("none", OffloadPolicy.none());
    policies.put("component", OffloadPolicy.component());
    if (isCuda(device)) {
      policies.put("streaming", OffloadPolicy.streaming());
    }
    policies.put("disk", OffloadPolicy.disk());
    return policies;
  }

  @Override
  public Optional<BiFunction<TextToVideoPipeline.Builder, Boolean, TextToVideoPipeline.Builder>>
      graphs(Device device) {
    return isCuda(device) ? Optional.of(TextToVideoPipeline.Builder::cudaGraphs) : Optional.empty();
  }

  private static boolean isCuda(Device device) {
    return device.kind() == Device.Kind.CUDA;
  }
}
