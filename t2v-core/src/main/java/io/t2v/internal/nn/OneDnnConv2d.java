package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedConv2d;
import io.t2v.internal.torch.StagingMemory;
import org.bytedeco.pytorch.Tensor;

/** oneDNN's convolution with a weight that was re-ordered once, for any kernel and stride. */
record OneDnnConv2d(PackedConv2d layer) implements ConvolutionKernel {
  /** The input size that oneDNN picks the weight's layout for; others work as well. */
  private static final long TYPICAL_BATCH = 16;

  private static final long TYPICAL_EDGE = 32;

  static OneDnnConv2d pack(
      Tensor weight,
      Tensor bias,
      long[] stride,
      long[] padding,
      StagingMemory memory,
      NativePool pool) {
    long[] size = {TYPICAL_BATCH, weight.size(1), TYPICAL_EDGE, TYPICAL_EDGE};
    return new OneDnnConv2d(PackedConv2d.pack(weight, bias, stride, padding, size, memory, pool));
  }

  @Override
  public Tensor forward(Tensor x) {
    return layer.forward(x);
  }

  /** Accumulates into a copy: in bfloat16 the sum is then rounded once. */
  @Override
  public Tensor forwardPlus(Tensor x, Tensor addend) {
    return layer.addTo(addend.clone(), x);
  }

  @Override
  public Tensor addTo(Tensor sum, Tensor x) {
    return layer.addTo(sum, x);
  }
}
