package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
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
  public Optional<DeviceMeter> meter(ComputeDevice device) {
    return isCuda(device) ? Optional.of(new CudaMeter(device)) : Optional.empty();
  }

  @Override
  public Map<String, OffloadPolicy> policies(ComputeDevice device) {
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
  public Optional<BiFunction<PipelineBuilder, Boolean, PipelineBuilder>>
      graphs(ComputeDevice device) {
    return isCuda(device) ? Optional.of(PipelineBuilder::cudaGraphs) : Optional.empty();
  }

  private static boolean isCuda(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.CUDA;
  }
}
