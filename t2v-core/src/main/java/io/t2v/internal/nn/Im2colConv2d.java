package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedLinear;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A 3 × 3 convolution as one matrix product ("im2col"): the neighbourhood of each pixel becomes a
 * row of 9 · channels elements, which the kernel, as a matrix, maps to the output's channels.
 *
 * <p>oneDNN's convolution is vectorised along the rows of an image, which are too short in the
 * innermost level: at 4 × 4 pixels the product takes a third of its time. The price is a copy of
 * the input that is nine times as large, which is little for such images; the weight takes no more
 * memory than before. Chosen for wide layers with {@link Conv2d.TradeOff#MEMORY}.
 *
 * @see <a href="https://hal.inria.fr/inria-00112631">High Performance Convolutional Neural Networks
 *     for Document Processing</a>
 */
final class Im2colConv2d implements ConvolutionKernel {
  private static final int EDGE = 3;
  private static final int TAPS = EDGE * EDGE;

  /** Elements of a weight that are re-ordered at once: 4 MiB of float32. */
  private static final long REORDERED_ELEMENTS = 1L << 20;

  /** Rows that oneDNN picks the matrix's layout for: 16 frames of 4 × 4 pixels. */
  private static final long TYPICAL_ROWS = 256;

  private final PackedLinear product;

  private Im2colConv2d(PackedLinear product) {
    this.product = product;
  }

  /** weight: [out, in, 3, 3], row by row, overwritten; the output is as large as the input. */
  static Im2colConv2d pack(Tensor weight, Tensor bias, StagingMemory memory, NativePool pool) {
    return pack(weight, bias, REORDERED_ELEMENTS, memory, pool);
  }

  static Im2colConv2d pack(
      Tensor weight, Tensor bias, long reorderedElements, StagingMemory memory, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor matrix = tapsFirst(weight, reorderedElements, memory);
      return new Im2colConv2d(PackedLinear.pack(matrix, bias, TYPICAL_ROWS, pool));
    }
  }

  /** [out, in, 3, 3] to [out, 3 · 3 · in] where it is: the largest one takes 118 MB. */
  private static Tensor tapsFirst(Tensor weight, long elements, StagingMemory memory) {
    long out = weight.size(0);
    long in = weight.size(1);
    long rows = Math.max(1, elements / (in * TAPS));
    Tensor taps = memory.like(weight, Math.min(rows, out), in, TAPS);
    Chunks.forEach(
        out,
        rows,
        (start, count) -> {
          Tensor part = weight.narrow(0, start, count);
          Tensor copy = taps.narrow(0, 0, count).copy_(part.view(count, in, TAPS));
          part.view(count, TAPS, in).copy_(copy.transpose(1, 2));
        });
    return weight.view(out, TAPS * in);
  }

  @Override
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      long batch = x.size(0);
      long channels = x.size(1);
      long height = x.size(2);
      long width = x.size(3);
      Tensor padded = torch.constant_pad_nd(x.permute(0, 2, 3, 1), 0, 0, 1, 1, 1, 1);
      Tensor rows =
          torch.empty(
              new long[] {batch, height, width, TAPS, channels},
              x.options(),
              new MemoryFormatOptional());
      for (int tap = 0; tap < TAPS; tap++) {
        Tensor neighbours = padded.narrow(1, tap / EDGE, height).narrow(2, tap % EDGE, width);
        rows.select(3, tap).copy_(neighbours);
      }
      padded.close();
      Tensor out = product.forward(rows.view(batch, height, width, TAPS * channels));
      return scope.keep(out.permute(0, 3, 1, 2));
    }
  }
}
