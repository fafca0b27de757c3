package io.t2v.examples.gpucheck;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.torch.DeviceMemory;

/** The memory of a CUDA device, as libtorch's allocator and the driver count it. */
record CudaMeter(ComputeDevice device) implements DeviceMeter {
  @Override
  public long availableBytes() {
    return DeviceMemory.free(device);
  }

  @Override
  public long peakBytes() {
    return DeviceMemory.peak(device).allocatedBytes();
  }

  @Override
  public void resetPeak() {
    DeviceMemory.resetPeak(device);
  }

  @Override
  public void emptyCache() {
    DeviceMemory.emptyCache(device);
  }

  @Override
  public void cap(long bytes) {
    DeviceMemory.limit(device, bytes);
  }

  @Override
  public void uncap() {
    DeviceMemory.limit(device, Long.MAX_VALUE);
  }
}
