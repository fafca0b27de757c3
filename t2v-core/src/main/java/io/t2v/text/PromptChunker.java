package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * Distributes the tokens of a prompt over chunks. A chunk that is full ends after its last comma,
 * if that is close enough to its end, so that no phrase is cut in two.
 *
 * <p>Source: {@code sd_hijack_clip.py} of AUTOMATIC1111's stable-diffusion-webui, with its default
 * of 20 tokens for a comma to count.
 */
final class PromptChunker {
  private static final int MOST_TOKENS_AFTER_COMMA = 20;
  private static final int NONE = -1;

  private final int capacity;
  private final List<TextToken> comma;
  private final List<PromptTokens.Chunk> chunks = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final List<Double> weights = new ArrayList<>();
  private int lastComma = NONE;

  private PromptChunker(TextEncoder encoder) {
    capacity = encoder.maxTokens() - 2;
    comma = encoder.tokenize(",");
  }

  static PromptTokens chunk(List<PromptPart> parts, TextEncoder encoder) {
    PromptChunker chunker = new PromptChunker(encoder);
    for (PromptPart part : parts) {
      if (part.startsChunk()) {
        chunker.endChunk();
      }
      encoder.tokenize(part.text()).forEach(token -> chunker.add(token, part.weight()));
    }
    if (!chunker.ids.isEmpty() || chunker.chunks.isEmpty()) {
      chunker.endChunk();
    }
    return new PromptTokens(chunker.chunks);
  }

  private void add(TextToken token, double weight) {
    int length = token.ids().size();
    checkArgument(
        length <= capacity,
        "a word has %s vectors, expected at most %s, the tokens of a chunk",
        length,
        capacity);
    if (comma.equals(List.of(token))) {
      lastComma = ids.size();
    } else if (ids.size() == capacity
        && lastComma != NONE
        && capacity - lastComma <= MOST_TOKENS_AFTER_COMMA) {
      endChunkAt(lastComma + 1);
    }
    if (ids.size() + length > capacity) {
      endChunk();
    }
    ids.addAll(token.ids());
    for (int i = 0; i < length; i++) {
      weights.add(weight);
    }
  }

  private void endChunk() {
    endChunkAt(ids.size());
  }

  private void endChunkAt(int end) {
    List<Integer> endedIds = ids.subList(0, end);
    List<Double> endedWeights = weights.subList(0, end);
    chunks.add(new PromptTokens.Chunk(endedIds, endedWeights));
    endedIds.clear();
    endedWeights.clear();
    lastComma = NONE;
  }
}
