package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * A prompt as chunks of weighted tokens. Each chunk is encoded alone; the embeddings of all chunks,
 * one after the other, condition the denoiser.
 *
 * @param chunks at least one
 */
public record PromptTokens(List<Chunk> chunks) {
  /**
   * Copies the list.
   *
   * @param chunks at least one
   * @throws IllegalArgumentException if there is none
   */
  public PromptTokens {
    chunks = List.copyOf(chunks);
    checkArgument(!chunks.isEmpty(), "a prompt has no chunk, expected at least one");
  }

  /**
   * Tokens that are encoded together.
   *
   * @param ids without start, end and padding; may be empty
   * @param weights one for each id
   */
  public record Chunk(List<Integer> ids, List<Double> weights) {
    /** The chunk of the empty text. */
    public static final Chunk EMPTY = new Chunk(List.of(), List.of());

    /**
     * Copies the lists.
     *
     * @param ids without start, end and padding
     * @param weights one for each id
     * @throws IllegalArgumentException if their numbers differ
     */
    public Chunk {
      ids = List.copyOf(ids);
      weights = List.copyOf(weights);
      checkArgument(
          ids.size() == weights.size(),
          "a chunk has %s ids and %s weights, expected as many",
          ids.size(),
          weights.size());
    }

    /**
     * Returns whether a weight changes anything.
     *
     * @return false if all weights are 1
     */
    public boolean isWeighted() {
      return weights.stream().anyMatch(weight -> weight != 1);
    }
  }
}
