package io.t2v.text;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * The vocabulary of OpenAI's CLIP. The library carries its merges alone; the ids follow from them:
 * byte symbols, byte symbols at the end of a word, one token for each merge, start and end.
 */
final class ClipVocabulary {
  private ClipVocabulary() {}

  static BytePairEncoding encoding() {
    ImmutableList<BytePairEncoding.Pair> merges = merges();
    return new BytePairEncoding(
        tokens(merges), merges, "<|endoftext|>", "The library's own clip-merges.txt.gz");
  }

  static ImmutableList<BytePairEncoding.Pair> merges() {
    try (InputStream packed =
            Objects.requireNonNull(ClipVocabulary.class.getResourceAsStream("clip-merges.txt.gz"));
        InputStream in = new GZIPInputStream(packed)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      ImmutableList.Builder<BytePairEncoding.Pair> merges = ImmutableList.builder();
      for (String line : Splitter.on('\n').omitEmptyStrings().split(text)) {
        int blank = line.indexOf(' ');
        merges.add(new BytePairEncoding.Pair(line.substring(0, blank), line.substring(blank + 1)));
      }
      return merges.build();
    } catch (IOException e) {
      throw new UncheckedIOException("The library's own clip-merges.txt.gz cannot be read", e);
    }
  }

  static ImmutableMap<String, Integer> tokens(ImmutableList<BytePairEncoding.Pair> merges) {
    ImmutableList.Builder<String> tokens = ImmutableList.builder();
    ByteSymbols.IN_VOCABULARY_ORDER.forEach(symbol -> tokens.add(String.valueOf(symbol)));
    ByteSymbols.IN_VOCABULARY_ORDER.forEach(
        symbol -> tokens.add(symbol + BytePairEncoding.END_OF_WORD));
    merges.forEach(pair -> tokens.add(pair.left() + pair.right()));
    tokens.add("<|startoftext|>", "<|endoftext|>");
    ImmutableMap.Builder<String, Integer> ids = ImmutableMap.builder();
    int id = 0;
    for (String token : tokens.build()) {
      ids.put(token, id++);
    }
    return ids.buildOrThrow();
  }
}
