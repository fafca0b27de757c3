package io.t2v.internal.unet3d;

import io.t2v.device.GpuOptimization;
import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.Chunks;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.weights.Weights;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Self-attention, added to the tokens. Sequences are independent of each other, so they are
 * computed in chunks, whose intermediates are small and reuse the same memory.
 */
final class SelfAttention {
  /** Elements of the queries, keys and values of a chunk: 24 MiB of float32. */
  static final long CHUNK_ELEMENTS = 6L << 20;

  /** Longest sequence for products, whose scores are then no more than the queries of a head. */
  private static final long LONGEST_FOR_PRODUCTS = 64;

  private final LayerNorm norm;

  /** Of queries, keys and values together, or of each. */
  private final List<Linear> projections;

  private final Linear out;
  private final Heads heads;
  private final ComputeConfig compute;

  private SelfAttention(Weights block, String index, Heads heads, boolean fused) {
    long width = heads.width();
    this.heads = heads;
    norm = LayerNorm.load(block.at("norm" + index), width, ProjectedTransformer.LAYER_NORM_EPSILON);
    Weights weights = block.at("attn" + index);
    projections =
        fused
            ? List.of(Linear.fused(weights, width, width, false, "to_q", "to_k", "to_v"))
            : Stream.of("to_q", "to_k", "to_v")
                .map(name -> Linear.loadWithoutBias(weights.at(name), width, width))
                .toList();
    out = Linear.load(weights.at("to_out.0"), width, width);
    compute = weights.compute();
  }

  /** Loads {@code norm<index>} and {@code attn<index>} of a transformer block. */
  static SelfAttention load(Weights block, String index, Heads heads) {
    return new SelfAttention(block, index, heads, true);
  }

  /** As {@link #load}, for sequences of frames: many, and short. */
  static SelfAttention loadForFrames(Weights block, String index, Heads heads) {
    boolean products = block.compute().uses(GpuOptimization.BATCHED_FRAME_ATTENTION);
    return new SelfAttention(block, index, heads, !products);
  }

  /** tokens: [rows, tokens, width], those of a row attend to each other; overwritten. */
  void addOverRows(Tensor tokens) {
    Chunks.forEach(
        tokens.size(0),
        sequencesAtOnce(compute, heads, tokens.size(1)),
        (start, rows) -> addTo(tokens.narrow(0, start, rows), 0, 2, 1, 3));
  }

  /** tokens: [tokens, columns, width], those of a column attend to each other; overwritten. */
  void addOverColumns(Tensor tokens) {
    Chunks.forEach(
        tokens.size(1),
        sequencesAtOnce(compute, heads, tokens.size(0)),
        (start, columns) -> addTo(tokens.narrow(1, start, columns), 1, 2, 0, 3));
  }

  /** How many sequences are a chunk. */
  static long sequencesAtOnce(ComputeConfig compute, Heads heads, long tokens) {
    long chunkTokens = compute.chunk(CHUNK_ELEMENTS) / (3 * heads.width());
    long most =
        compute.device().isCpu() ? Long.MAX_VALUE : Attention.MOST_SEQUENCES / heads.count();
    return Math.max(1, Math.min(most, chunkTokens / tokens));
  }

  /** order: which of [first, second, heads, headDim] are [batch, heads, tokens, headDim]. */
  private void addTo(Tensor tokens, long... order) {
    long first = tokens.size(0);
    long second = tokens.size(1);
    Tensor normed = norm.forward(tokens);
    List<Tensor> queryKeyValue =
        projections.stream()
            .map(projection -> projection.forward(normed))
            .map(all -> all.view(first, second, -1, heads.count(), heads.dim()))
            .flatMap(SelfAttention::parts)
            .map(part -> part.permute(order))
            .toList();
    Tensor attended = attend(queryKeyValue.get(0), queryKeyValue.get(1), queryKeyValue.get(2));
    Tensor merged = attended.permute(inverse(order)).reshape(first, second, heads.width());
    out.addTo(tokens, merged);
  }

  private static Stream<Tensor> parts(Tensor projected) {
    return LongStream.range(0, projected.size(2)).mapToObj(part -> projected.select(2, part));
  }

  private Tensor attend(Tensor query, Tensor key, Tensor value) {
    return projections.size() > 1 && query.size(2) <= LONGEST_FOR_PRODUCTS
        ? Attention.attendByProducts(query, key, value)
        : Attention.attend(query, key, value, null);
  }

  private static long[] inverse(long[] order) {
    long[] inverse = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[(int) order[i]] = i;
    }
    return inverse;
  }
}
