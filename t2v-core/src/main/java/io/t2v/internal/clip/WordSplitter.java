package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Cuts text in lower case into words, as CLIP's pattern does, alternatives tried in this order:
 * special tokens, {@code 's | 't | 're | 've | 'm | 'll | 'd | \p{L}+ | \p{N} | [^\s\p{L}\p{N}]+}.
 * White space is dropped.
 *
 * <p>Transformers' tokenizer has found its special tokens before. It cuts each word once more with
 * GPT-2's pattern, which changes one thing only: the text of a special token falls into three
 * words. It gets here when it is not recognised as the token itself, for example in capitals.
 *
 * <p>Open_clip's tokenizer finds its special tokens here, so one that follows punctuation is not
 * found: the punctuation and its {@code <} are one word. Its pattern ignores case, which makes the
 * mark U+0345, whose upper case is a letter, belong to no alternative: it is dropped as well.
 */
final class WordSplitter {
  /** The special tokens of transformers, and the words that they fall into. */
  private static final ImmutableMap<String, ImmutableList<String>> TRANSFORMERS =
      ImmutableMap.of(
          "<|startoftext|>", ImmutableList.of("<|", "startoftext", "|>"),
          "<|endoftext|>", ImmutableList.of("<|", "endoftext", "|>"));

  private static final ImmutableList<String> CONTRACTIONS =
      ImmutableList.of("'s", "'t", "'re", "'ve", "'m", "'ll", "'d");

  private static final int IOTA_BELOW = 0x345;

  /** Open_clip's pattern ignores case, so a long s is an s. */
  private static final ImmutableList<String> OPEN_CLIP_CONTRACTIONS =
      ImmutableList.of("'s", "'\u017F", "'t", "'re", "'ve", "'m", "'ll", "'d");

  private final String text;
  private final ImmutableMap<String, ImmutableList<String>> specials;
  private final ImmutableList<String> contractions;
  private final boolean ignoresCase;
  private final ImmutableList.Builder<String> words = ImmutableList.builder();
  private int position;

  private WordSplitter(
      String text, ImmutableMap<String, ImmutableList<String>> specials, boolean ignoresCase) {
    this.text = text;
    this.specials = specials;
    this.contractions = ignoresCase ? OPEN_CLIP_CONTRACTIONS : CONTRACTIONS;
    this.ignoresCase = ignoresCase;
  }

  /** Splits as transformers' tokenizer does. */
  static ImmutableList<String> split(String text) {
    return new WordSplitter(text, TRANSFORMERS, false).split();
  }

  /** Splits as open_clip's tokenizer does, each of the special tokens being one word. */
  static ImmutableList<String> splitOpenClip(String text, ImmutableList<String> specials) {
    return new WordSplitter(
            text,
            specials.stream()
                .collect(ImmutableMap.toImmutableMap(token -> token, ImmutableList::of)),
            true)
        .split();
  }

  private ImmutableList<String> split() {
    while (position < text.length()) {
      int codePoint = text.codePointAt(position);
      if (isDropped(codePoint)) {
        position += Character.charCount(codePoint);
      } else if (!special() && !contraction()) {
        if (CharacterTables.isLetter(codePoint)) {
          word(endOfRun(CharacterTables::isLetter));
        } else if (CharacterTables.isNumber(codePoint)) {
          word(position + Character.charCount(codePoint));
        } else {
          word(endOfRun(this::isOther));
        }
      }
    }
    return words.build();
  }

  private boolean special() {
    for (Map.Entry<String, ImmutableList<String>> special : specials.entrySet()) {
      if (text.startsWith(special.getKey(), position)) {
        words.addAll(special.getValue());
        position += special.getKey().length();
        return true;
      }
    }
    return false;
  }

  private boolean contraction() {
    for (String contraction : contractions) {
      if (text.startsWith(contraction, position)) {
        word(position + contraction.length());
        return true;
      }
    }
    return false;
  }

  private boolean isDropped(int codePoint) {
    return CharacterTables.isSpace(codePoint) || (codePoint == IOTA_BELOW && ignoresCase);
  }

  private boolean isOther(int codePoint) {
    return !isDropped(codePoint)
        && !CharacterTables.isLetter(codePoint)
        && !CharacterTables.isNumber(codePoint);
  }

  private int endOfRun(IntPredicate member) {
    int end = position;
    while (end < text.length() && member.test(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private void word(int end) {
    words.add(text.substring(position, end));
    position = end;
  }
}
