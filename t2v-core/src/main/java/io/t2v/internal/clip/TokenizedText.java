package io.t2v.internal.clip;

import java.util.Arrays;
import java.util.Set;

/**
 * A text as the ids of its tokens, with start and end, padded or cut to a fixed length. Immutable.
 *
 * <p>Source of both arrays and of the removed text: the tokenizer of Hugging Face transformers as
 * diffusers' TextToVideoSDPipeline calls it.
 */
public final class TokenizedText {
  private final long[] ids;
  private final long[] attentionMask;
  private final String truncatedText;
  private final Set<Integer> hidden;

  public TokenizedText(long[] ids, long[] attentionMask, String truncatedText) {
    this(ids, attentionMask, truncatedText, Set.of());
  }

  private TokenizedText(
      long[] ids, long[] attentionMask, String truncatedText, Set<Integer> hidden) {
    this.ids = ids;
    this.attentionMask = attentionMask;
    this.truncatedText = truncatedText;
    this.hidden = hidden;
  }

  /** The same text, with tokens to which no token attends; indices count without the start. */
  TokenizedText hiding(Set<Integer> tokens) {
    return new TokenizedText(ids, attentionMask, truncatedText, Set.copyOf(tokens));
  }

  boolean hidesTokens() {
    return !hidden.isEmpty();
  }

  /** index: among the ids, the start included. */
  boolean isHidden(int index) {
    return hidden.contains(index - 1);
  }

  /**
   * The token ids.
   *
   * @return a copy, shape [length]
   */
  public long[] ids() {
    return ids.clone();
  }

  /**
   * Which ids stand for text (start and end among them) and which for padding.
   *
   * @return a copy, shape [length], 1 for text and 0 for padding
   */
  public long[] attentionMask() {
    return attentionMask.clone();
  }

  /**
   * How many ids there are, padding included.
   *
   * @return the length that was asked for
   */
  public int length() {
    return ids.length;
  }

  /**
   * The end of the text, where it did not fit, in the words of the vocabulary: lower case, a blank
   * after each word and each punctuation mark. A character that fitted in part is in it as a whole.
   *
   * @return the part that was cut off, or "" if everything fitted
   */
  public String truncatedText() {
    return truncatedText;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenizedText that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(attentionMask, that.attentionMask)
        && truncatedText.equals(that.truncatedText)
        && hidden.equals(that.hidden);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return "TokenizedText" + Arrays.toString(ids);
  }
}
