package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Printable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The vocabulary and its merges: from a word to token ids. Of all neighbours that a merge joins,
 * those of the lowest rank are joined first, the leftmost among equals; a queue makes that n log n.
 */
final class BytePairEncoding {
  static final String END_OF_WORD = "</w>";

  private final ImmutableMap<String, Integer> vocabulary;
  private final ImmutableMap<Integer, String> tokens;
  private final Map<Long, Merge> merges;
  private final int[] insideWord = new int[256];
  private final int[] atEndOfWord = new int[256];

  /**
   * Resolves merges and byte symbols.
   *
   * @param vocabulary id of each token
   * @param merges pairs of tokens, the strongest first
   * @param unknown the token that stands for a byte symbol that the vocabulary lacks
   * @param origin the file to name in messages
   * @throws CheckpointException if a merge makes or takes a token that the vocabulary lacks, or if
   *     a byte symbol and the unknown token are both missing
   */
  BytePairEncoding(
      Map<String, Integer> vocabulary, ImmutableList<Pair> merges, String unknown, Object origin) {
    this.vocabulary = ImmutableMap.copyOf(vocabulary);
    Map<Integer, String> byId = new HashMap<>();
    vocabulary.forEach((token, id) -> byId.put(id, token));
    this.tokens = ImmutableMap.copyOf(byId);
    this.merges = new HashMap<>(merges.size() * 2);
    for (int rank = 0; rank < merges.size(); rank++) {
      Pair pair = merges.get(rank);
      int left = requireId(pair.left(), pair, origin);
      int right = requireId(pair.right(), pair, origin);
      int joined = requireId(pair.left() + pair.right(), pair, origin);
      this.merges.put(key(left, right), new Merge(rank, joined));
    }
    for (int value = 0; value < 256; value++) {
      String symbol = String.valueOf(ByteSymbols.symbolOf(value));
      insideWord[value] = symbolId(symbol, unknown, origin);
      atEndOfWord[value] = symbolId(symbol + END_OF_WORD, unknown, origin);
    }
  }

  private int requireId(String token, Pair pair, Object origin) {
    @Nullable Integer id = vocabulary.get(token);
    if (id == null) {
      throw new CheckpointException(
          ("%s: the merge '%s %s' needs the token '%s', which the vocabulary does not hold. "
                  + "The files of two tokenizers seem to be mixed: take all of them from one "
                  + "checkpoint.")
              .formatted(
                  origin,
                  Printable.of(pair.left()),
                  Printable.of(pair.right()),
                  Printable.of(token)));
    }
    return id;
  }

  private int symbolId(String symbol, String unknown, Object origin) {
    @Nullable Integer id = vocabulary.getOrDefault(symbol, vocabulary.get(unknown));
    if (id == null) {
      throw new CheckpointException(
          ("%s: the vocabulary holds neither the symbol '%s' nor the unknown token '%s' that would"
                  + " stand for it. Expected a CLIP vocabulary with all 512 byte symbols: copy the"
                  + " file again from the checkpoint.")
              .formatted(origin, symbol, Printable.of(unknown)));
    }
    return id;
  }

  private static long key(int left, int right) {
    return ((long) left << 32) | right;
  }

  int size() {
    return vocabulary.size();
  }

  @Nullable Integer idOf(String token) {
    return vocabulary.get(token);
  }

  @Nullable String tokenOf(int id) {
    return tokens.get(id);
  }

  /** Appends the ids of one word, which must not be empty. */
  void encode(String word, ImmutableList.Builder<Integer> out) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (i == ids.length - 1 ? atEndOfWord : insideWord)[bytes[i] & 0xFF];
    }
    Word symbols = new Word(ids);
    symbols.mergeAll();
    symbols.appendTo(out);
  }

  /** Two tokens that become one. */
  record Pair(String left, String right) {}

  private record Merge(int rank, int joined) {}

  private record Candidate(int rank, int position, int joined) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Integer.compare(rank, other.rank);
      return byRank != 0 ? byRank : Integer.compare(position, other.position);
    }
  }

  /** The symbols of a word as a linked list over arrays; a symbol that was swallowed has id -1. */
  private final class Word {
    private final int[] ids;
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

    Word(int[] ids) {
      this.ids = ids;
      previous = new int[ids.length];
      next = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        previous[i] = i - 1;
        next[i] = i + 1 < ids.length ? i + 1 : -1;
      }
    }

    void mergeAll() {
      for (int i = 0; i < ids.length; i++) {
        propose(i);
      }
      for (Candidate best = queue.poll(); best != null; best = queue.poll()) {
        int left = best.position();
        @Nullable Merge merge = mergeAt(left);
        // An older candidate may describe symbols that have changed since; the reference accepts it
        // if what stands there now makes the same token.
        if (merge == null || merge.joined() != best.joined()) {
          continue;
        }
        int right = next[left];
        ids[left] = best.joined();
        ids[right] = -1;
        next[left] = next[right];
        if (next[left] >= 0) {
          previous[next[left]] = left;
        }
        propose(previous[left]);
        propose(left);
      }
    }

    private void propose(int left) {
      @Nullable Merge merge = mergeAt(left);
      if (merge != null) {
        queue.add(new Candidate(merge.rank(), left, merge.joined()));
      }
    }

    private @Nullable Merge mergeAt(int left) {
      if (left < 0 || ids[left] < 0 || next[left] < 0) {
        return null;
      }
      return merges.get(key(ids[left], ids[next[left]]));
    }

    void appendTo(ImmutableList.Builder<Integer> out) {
      for (int i = 0; i >= 0; i = next[i]) {
        out.add(ids[i]);
      }
    }
  }
}
