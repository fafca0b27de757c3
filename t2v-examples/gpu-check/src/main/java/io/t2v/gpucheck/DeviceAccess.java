package io.t2v.gpucheck;

import io.t2v.PipelineBuilder;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.offload.OffloadPolicy;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** What the checks use of the library beside pipelines: one place for all that is of devices. */
public interface DeviceAccess {
  /**
   * Returns the meter of a device's memory.
   *
   * @param device a real one
   * @return empty for a device without memory of its own
   */
  Optional<DeviceMeter> meter(ComputeDevice device);

  /**
   * Returns the policies to check.
   *
   * @param device a real one
   * @return by name, in the order of checking
   */
  Map<String, OffloadPolicy> policies(ComputeDevice device);

  /**
   * Returns the switch of CUDA graphs.
   *
   * @param device a real one
   * @return sets on a builder whether steps are captured and replayed; empty where there are none
   */
  Optional<BiFunction<PipelineBuilder, Boolean, PipelineBuilder>> graphs(ComputeDevice device);

  /**
   * Returns the switches of what a device may be asked for beyond the plain way.
   *
   * @param device a real one
   * @return sets an optimization on a builder, and what it needs; those that the device lacks are
   *     missing
   */
  Map<GpuOptimization, UnaryOperator<PipelineBuilder>> optimizations(ComputeDevice device);

  /**
   * Returns the switch of TF32, in which float32's products keep eleven bits of each factor.
   *
   * @param device a real one
   * @return sets for the process whether convolutions and products use it; empty where there is
   *     none
   */
  Optional<Consumer<Boolean>> tf32(ComputeDevice device);
}
