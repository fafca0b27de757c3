package io.t2v.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.device.Precision;
import java.util.Set;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a network computes, in which numbers, and how much it takes in one go. Between networks,
 * tensors are float32: latents and text enter a network, and its results leave it.
 *
 * @param device a real one
 * @param precision of weights
 * @param chunkScale how many times the usual numbers a layer may take in one go that works in
 *     chunks: larger ones keep a device busy, smaller ones stay in a CPU's caches
 * @param smallWeights whether layers keep weights no larger than they are, though that is slower
 * @param optimizations that layers use
 */
public record ComputeConfig(
    ComputeDevice device,
    Precision precision,
    double chunkScale,
    boolean smallWeights,
    Set<GpuOptimization> optimizations) {
  /** A device has thousands of units to keep busy, and starts each operation at a cost. */
  private static final double DEVICE_CHUNKS = 16;

  /**
   * Checks the device.
   *
   * @param device a real one
   * @param precision of weights
   * @param chunkScale above 0
   * @param smallWeights whether weights may not grow when they are packed
   * @param optimizations that layers use
   */
  public ComputeConfig {
    optimizations = ImmutableSet.copyOf(optimizations);
    checkArgument(
        device.kind() != ComputeDevice.Kind.AUTO, "auto stands for a device, and is none");
    checkArgument(precision != Precision.AUTO, "auto stands for a precision, and is none");
    checkArgument(chunkScale > 0, "chunkScale is %s, expected above 0", chunkScale);
  }

  /**
   * With the fastest kernels, whatever their weights take.
   *
   * @param device a real one
   * @param precision of weights
   * @param chunkScale above 0
   */
  public ComputeConfig(ComputeDevice device, Precision precision, double chunkScale) {
    this(device, precision, chunkScale, false, Set.of());
  }

  /**
   * The same with weights no larger than they are.
   *
   * @return the other choice
   */
  public ComputeConfig withSmallWeights() {
    return new ComputeConfig(device, precision, chunkScale, true, optimizations);
  }

  /**
   * The same with layers that use optimizations.
   *
   * @param used of the device, in place of those before
   * @return the other choice
   */
  public ComputeConfig withOptimizations(Set<GpuOptimization> used) {
    return new ComputeConfig(device, precision, chunkScale, smallWeights, used);
  }

  /**
   * Tells whether layers use an optimization.
   *
   * @param optimization any
   * @return false unless it was asked for
   */
  public boolean uses(GpuOptimization optimization) {
    return optimizations.contains(optimization);
  }

  /**
   * The CPU, in float32.
   *
   * @return what everything else is compared with
   */
  public static ComputeConfig cpu() {
    return on(ComputeDevice.cpu(), Precision.FLOAT32);
  }

  /**
   * Any device, with chunks of usual size: on a CPU, for the caches of two cores.
   *
   * @param device a real one
   * @param precision of weights
   * @return the choice
   */
  public static ComputeConfig on(ComputeDevice device, Precision precision) {
    return new ComputeConfig(device, precision, device.isCpu() ? 1 : DEVICE_CHUNKS);
  }

  /**
   * Any device, with chunks for a number of threads and their caches.
   *
   * @param device a real one
   * @param precision of weights
   * @param threads that compute, which matter on a CPU alone
   * @return the choice
   */
  public static ComputeConfig on(ComputeDevice device, Precision precision, int threads) {
    return device.isCpu()
        ? new ComputeConfig(device, precision, CpuCaches.ofThisMachine().chunkScale(threads))
        : on(device, precision);
  }

  /**
   * Returns the number type of features: on a CPU, whose kernels for float16 are slow, bfloat16 if
   * that is the precision, and float32 otherwise.
   *
   * @return libtorch's name of it
   */
  public ScalarType type() {
    return switch (precision) {
      case FLOAT32 -> ScalarType.Float;
      case BFLOAT16 -> ScalarType.BFloat16;
      case FLOAT16, INT8 -> device.isCpu() ? ScalarType.Float : ScalarType.Half;
      case AUTO -> throw new IllegalStateException("auto is no precision");
    };
  }

  /**
   * Returns the number type in which weights wait until they are used.
   *
   * @return libtorch's name of it
   */
  public ScalarType storedDtype() {
    return switch (precision) {
      case FLOAT32 -> ScalarType.Float;
      case FLOAT16 -> ScalarType.Half;
      case BFLOAT16 -> ScalarType.BFloat16;
      case INT8 -> ScalarType.Char;
      case AUTO -> throw new IllegalStateException("auto is no precision");
    };
  }

  /**
   * Tells whether weights wait in fewer bits than the network computes with, and are widened for
   * each use.
   *
   * @return true for int8, and for float16 on a CPU
   */
  public boolean isCompact() {
    return type() != storedDtype();
  }

  /**
   * Returns the size of a feature.
   *
   * @return bytes
   */
  public int elementBytes() {
    return type() == ScalarType.Float ? Float.BYTES : Short.BYTES;
  }

  /**
   * Returns how many numbers a layer takes in one go.
   *
   * @param usual the number for a CPU's caches
   * @return at least 1
   */
  public long chunk(long usual) {
    return Math.max(1, (long) (usual * chunkScale));
  }

  /**
   * Returns what a layer that works in chunks takes besides its input and output: in proportion to
   * the size of chunks, until the layer is a single one. Never less than usual, since a chunk is at
   * least a frame of tokens or a row of pixels.
   *
   * @param usual bytes with chunks of usual size
   * @param wholeLayer bytes if the layer is a single chunk
   * @return bytes
   */
  public long workspace(long usual, long wholeLayer) {
    return Math.max(usual, Math.min(chunk(usual), wholeLayer));
  }

  /**
   * Brings a tensor to this device, in its number type.
   *
   * @param x of floating point numbers, on any device
   * @return the same tensor if it is there already
   */
  public Tensor toCompute(Tensor x) {
    return to(x, type(), false, false);
  }

  /**
   * Copies a tensor to this device, in its number type.
   *
   * @param x of floating point numbers, on any device
   * @return a copy in any case
   */
  public Tensor copy(Tensor x) {
    return copy(x, type());
  }

  /**
   * Copies a tensor to this device, in another number type.
   *
   * @param x on any device
   * @param type of the copy
   * @return a copy in any case
   */
  public Tensor copy(Tensor x, ScalarType type) {
    return to(x, type, true, false);
  }

  /**
   * Copies a tensor to this device, without waiting for the copy.
   *
   * @param x in pinned memory
   * @return a copy in the same number type; what is asked of the device from now on comes after it
   */
  public Tensor copyWithoutWaiting(Tensor x) {
    return to(x, x.scalar_type(), true, true);
  }

  /**
   * Brings integers to this device.
   *
   * @param x of any number type, on any device
   * @return the same tensor if it is there already
   */
  public Tensor place(Tensor x) {
    return to(x, x.scalar_type(), false, false);
  }

  /**
   * Lets a result leave the network.
   *
   * @param x on this device
   * @return float32 on this device; the same tensor if it is that already
   */
  public static Tensor toFloat32(Tensor x) {
    return x.to(ScalarType.Float);
  }

  private Tensor to(Tensor x, ScalarType type, boolean copy, boolean withoutWaiting) {
    return x.to(options(type), withoutWaiting, copy, new MemoryFormatOptional());
  }

  /**
   * Tells whether wide convolutions may use minimal filtering. It saves half of their
   * multiplications for twice the memory; in bfloat16 it saves less than its transforms cost.
   *
   * @return true in float32, unless weights have to be small
   */
  public boolean winograd() {
    return !smallWeights && type() == ScalarType.Float;
  }

  /**
   * Returns how to make a tensor on this device.
   *
   * @param type of its numbers
   * @return of the innermost open scope
   */
  public TensorOptions options(ScalarType type) {
    return new TensorOptions()
        .device(new DeviceOptional(torchDevice(device)))
        .dtype(new ScalarTypeOptional(type));
  }

  /**
   * Returns libtorch's name of a device.
   *
   * @param device a real one
   * @return of the innermost open scope
   */
  public static org.bytedeco.pytorch.Device torchDevice(ComputeDevice device) {
    DeviceType type =
        switch (device.kind()) {
          case CUDA -> DeviceType.CUDA;
          case MPS -> DeviceType.MPS;
          case CPU -> DeviceType.CPU;
          case AUTO -> throw new IllegalStateException("auto stands for a device, and is none");
        };
    // A CPU has no index in libtorch.
    return device.isCpu()
        ? new org.bytedeco.pytorch.Device(type)
        : new org.bytedeco.pytorch.Device(type, (byte) device.index());
  }
}
