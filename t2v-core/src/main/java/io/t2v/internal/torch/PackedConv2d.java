package io.t2v.internal.torch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * A 2-D convolution on oneDNN whose kernel is re-ordered once into the layout that is fastest on
 * this CPU, instead of in every call.
 *
 * <p>For tensors on the CPU in float32, or in bfloat16 with sums in float32. Thread-safe.
 */
public final class PackedConv2d {
  private static final long GROUPS = 1;

  private final IValue weight;
  private final IValue bias;
  private final IValue padding;
  private final IValue stride;
  private final IValue dilation;
  private final IValue groups;
  private final IValue none;
  private final IValue noScalars;
  private final IValue noAlgorithm;
  private final IValue add;
  private final IValue absent;

  private PackedConv2d(
      Tensor packed, @Nullable Tensor bias, long[] stride, long[] padding, NativePool pool) {
    weight = pool.adopt(new IValue(packed));
    this.bias = pool.adopt(bias == null ? new IValue() : new IValue(bias.clone()));
    this.padding = pool.adopt(OneDnn.CONVOLUTION.integers(3, padding));
    this.stride = pool.adopt(OneDnn.CONVOLUTION.integers(4, stride));
    dilation = pool.adopt(OneDnn.CONVOLUTION.integers(5, 1, 1));
    groups = pool.adopt(new IValue(GROUPS));
    none = pool.adopt(new IValue("none"));
    noScalars = pool.adopt(OneDnn.CONVOLUTION.emptyList(8));
    noAlgorithm = pool.adopt(new IValue("none"));
    add = pool.adopt(new IValue("add"));
    absent = pool.adopt(new IValue());
  }

  /**
   * Re-orders a kernel, which is not needed afterwards.
   *
   * @param weight [out, in, kernel height, kernel width], of the dtype of the input; best in
   *     {@linkplain #channelsLast channels-last} layout, which it is copied to otherwise
   * @param bias [out], or null for none; copied
   * @param stride vertical and horizontal
   * @param padding vertical and horizontal, with zeros
   * @param inputSize typical [batch, in, height, width], for which the layout is picked; any other
   *     works as well
   * @param memory for the copy: libtorch would make it on the heap
   * @param pool owns the native objects of the layer
   */
  public static PackedConv2d pack(
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] inputSize,
      StagingMemory memory,
      NativePool pool) {
    if (weight.is_meta()) {
      // A meta tensor has a size, which does not depend on the layout, but no content.
      return new PackedConv2d(weight, bias, stride, padding, pool);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor laidOut = weight;
      if (!weight.is_contiguous(MemoryFormat.ChannelsLast)) {
        laidOut = channelsLast(weight, memory);
        laidOut.copy_(weight);
      }
      Operator reorder = OneDnn.REORDER_CONVOLUTION;
      Tensor packed =
          reorder.call(
              new IValue(laidOut),
              reorder.integers(1, padding),
              reorder.integers(1, stride),
              reorder.integers(1, 1, 1),
              new IValue(GROUPS),
              reorder.integers(1, inputSize));
      return new PackedConv2d(packed, bias, stride, padding, pool);
    }
  }

  /**
   * Returns memory for a kernel in the layout that packing starts from.
   *
   * @param like [out, in, kernel height, kernel width]
   * @param memory where it lies
   * @return of the shape and dtype of the kernel, of the innermost open scope, with any content
   */
  public static Tensor channelsLast(Tensor like, StagingMemory memory) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = memory.like(like, like.size(0), like.size(2), like.size(3), like.size(1));
      return scope.keep(rows.permute(0, 3, 1, 2));
    }
  }

  /** [batch, in, height, width], best in channels-last layout, to [batch, out, height', width']. */
  public Tensor forward(Tensor x) {
    return OneDnn.CONVOLUTION.call(
        new IValue(x),
        weight,
        bias,
        padding,
        stride,
        dilation,
        groups,
        none,
        noScalars,
        noAlgorithm);
  }

  /**
   * Adds the convolution of x to sum, without memory for the convolution itself.
   *
   * @param sum [batch, out, height', width'] in the layout of x; not to be used afterwards
   * @return the sum, usually in the memory of {@code sum}
   */
  public Tensor addTo(Tensor sum, Tensor x) {
    return OneDnn.CONVOLUTION_ADD.call(
        new IValue(sum),
        new IValue(x),
        weight,
        bias,
        padding,
        stride,
        dilation,
        groups,
        add,
        absent,
        absent,
        noScalars,
        absent);
  }
}
