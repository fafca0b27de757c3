package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * The vocabulary of OpenAI's CLIP. The library carries its merges alone; the ids follow from them:
 * byte symbols, byte symbols at the end of a word, one token for each merge, start and end.
 */
final class ClipVocabulary {
  private static final String MERGES = "clip-merges.txt.gz";

  private ClipVocabulary() {}

  /** The encoding, with names of its own for the tokens at the start and the end of a text. */
  static BytePairEncoding encoding(String start, String end) {
    ImmutableList<BytePairEncoding.Pair> merges = merges();
    return new BytePairEncoding(
        tokens(merges, start, end), merges, end, "The library's own " + MERGES);
  }

  static ImmutableList<BytePairEncoding.Pair> merges() {
    ImmutableList.Builder<BytePairEncoding.Pair> merges = ImmutableList.builder();
    for (String line : PackedLines.read(MERGES)) {
      int blank = line.indexOf(' ');
      merges.add(new BytePairEncoding.Pair(line.substring(0, blank), line.substring(blank + 1)));
    }
    return merges.build();
  }

  static ImmutableMap<String, Integer> tokens(
      ImmutableList<BytePairEncoding.Pair> merges, String start, String end) {
    ImmutableList.Builder<String> tokens = ImmutableList.builder();
    ByteSymbols.IN_VOCABULARY_ORDER.forEach(symbol -> tokens.add(String.valueOf(symbol)));
    ByteSymbols.IN_VOCABULARY_ORDER.forEach(
        symbol -> tokens.add(symbol + BytePairEncoding.END_OF_WORD));
    merges.forEach(pair -> tokens.add(pair.left() + pair.right()));
    tokens.add(start, end);
    ImmutableMap.Builder<String, Integer> ids = ImmutableMap.builder();
    int id = 0;
    for (String token : tokens.build()) {
      ids.put(token, id++);
    }
    return ids.buildOrThrow();
  }
}
