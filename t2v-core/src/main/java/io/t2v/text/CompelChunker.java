package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Distributes the tokens of a prompt over chunks, as compel does: a full chunk ends after its last
 * full stop, or else after its last punctuation mark, or else after its last word.
 */
final class CompelChunker {
  private static final Splitter WORDS = Splitter.onPattern("\\s+").omitEmptyStrings();

  /** endsWord: whether the next token begins another word. */
  private record Token(TextToken text, double weight, boolean endsWord) {
    List<Integer> ids() {
      return text.ids();
    }
  }

  private final int capacity;
  private final List<List<TextToken>> fullStop;
  private final List<List<TextToken>> punctuation;

  private CompelChunker(TextEncoder encoder) {
    capacity = encoder.maxTokens() - 2;
    fullStop = List.of(encoder.tokenize("."));
    punctuation =
        List.of(
            encoder.tokenize("."),
            encoder.tokenize(","),
            encoder.tokenize(";"),
            encoder.tokenize(":"));
  }

  static PromptTokens chunk(List<PromptPart> parts, TextEncoder encoder) {
    List<Token> tokens = new ArrayList<>();
    for (PromptPart part : parts) {
      for (String word : WORDS.split(part.text())) {
        List<TextToken> ofWord = encoder.tokenize(word);
        for (int i = 0; i < ofWord.size(); i++) {
          tokens.add(new Token(ofWord.get(i), part.weight(), i == ofWord.size() - 1));
        }
      }
    }
    return new CompelChunker(encoder).chunks(tokens);
  }

  private PromptTokens chunks(List<Token> tokens) {
    List<PromptTokens.Chunk> chunks = new ArrayList<>();
    List<Token> rest = tokens;
    do {
      int end = end(rest);
      List<Integer> ids = new ArrayList<>();
      List<Double> weights = new ArrayList<>();
      for (Token token : rest.subList(0, end)) {
        ids.addAll(token.ids());
        token.ids().forEach(id -> weights.add(token.weight()));
      }
      chunks.add(new PromptTokens.Chunk(ids, weights));
      rest = rest.subList(end, rest.size());
    } while (!rest.isEmpty());
    return new PromptTokens(chunks);
  }

  private int end(List<Token> tokens) {
    int fitting = fitting(tokens);
    if (fitting == tokens.size()) {
      return fitting;
    }
    List<Predicate<Token>> ends =
        List.of(
            token -> fullStop.contains(List.of(token.text())),
            token -> punctuation.contains(List.of(token.text())),
            Token::endsWord);
    for (Predicate<Token> isEnd : ends) {
      for (int i = fitting; i > 0; i--) {
        if (isEnd.test(tokens.get(i - 1))) {
          return i;
        }
      }
    }
    return fitting;
  }

  /** How many tokens fit into a chunk. */
  private int fitting(List<Token> tokens) {
    int ids = 0;
    for (int i = 0; i < tokens.size(); i++) {
      int length = tokens.get(i).ids().size();
      checkArgument(
          length <= capacity,
          "a word has %s vectors, expected at most %s, the tokens of a chunk",
          length,
          capacity);
      ids += length;
      if (ids > capacity) {
        return i;
      }
    }
    return tokens.size();
  }
}
