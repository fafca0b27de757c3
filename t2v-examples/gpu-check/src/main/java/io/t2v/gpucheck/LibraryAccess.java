package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.offload.OffloadPolicy;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

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
  public Optional<BiFunction<PipelineBuilder, Boolean, PipelineBuilder>> graphs(
      ComputeDevice device) {
    return isCuda(device) ? Optional.of(PipelineBuilder::cudaGraphs) : Optional.empty();
  }

  @Override
  public Map<GpuOptimization, UnaryOperator<PipelineBuilder>> optimizations(ComputeDevice device) {
    Map<GpuOptimization, UnaryOperator<PipelineBuilder>> switches =
        new EnumMap<>(GpuOptimization.class);
    if (isCuda(device)) {
      for (GpuOptimization optimization : GpuOptimization.values()) {
        switches.put(
            optimization,
            builder ->
                builder
                    .cudaGraphs(optimization == GpuOptimization.KEPT_CUDA_GRAPHS)
                    .gpuOptimizations(optimization));
      }
    }
    return switches;
  }

  @Override
  public Optional<Consumer<Boolean>> tf32(ComputeDevice device) {
    return isCuda(device) ? Optional.of(LibraryAccess::useTf32) : Optional.empty();
  }

  private static void useTf32(boolean allowed) {
    try (PointerScope scope = new PointerScope()) {
      torch.globalContext().setAllowTF32CuDNN(allowed);
      torch.globalContext().setAllowTF32CuBLAS(allowed);
    }
  }

  private static boolean isCuda(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.CUDA;
  }
}
