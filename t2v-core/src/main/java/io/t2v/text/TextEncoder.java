package io.t2v.text;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns texts into the embeddings that condition the denoiser.
 *
 * <p>Implementations are safe for use by many threads.
 */
public interface TextEncoder extends AutoCloseable {
  /**
   * Returns the width of an embedding.
   *
   * @return at least 1, 1024 for ModelScope's model
   */
  int width();

  /**
   * Returns how many tokens a text is padded or cut to, start and end included.
   *
   * @return at least 2, usually 77
   */
  int maxTokens();

  /**
   * Returns how many of the last layers can be left out.
   *
   * @return at least 0; the highest allowed {@code clipSkip}
   */
  int maxClipSkip();

  /**
   * Encodes texts at {@link #maxTokens()} tokens.
   *
   * @param texts at least one; the empty text is a text
   * @param clipSkip how many of the last layers to leave out, 0 to {@link #maxClipSkip()}. The
   *     reference leaves none out for negative prompts
   * @return the embeddings, which belong to the innermost open scope, and what did not fit
   * @throws IllegalArgumentException if there is no text, or {@code clipSkip} is out of range
   * @throws IllegalStateException if this encoder is closed
   */
  default EncodedText encode(List<String> texts, int clipSkip) {
    return encode(texts, clipSkip, maxTokens());
  }

  /**
   * Encodes texts at a given number of tokens, to go with embeddings that came from elsewhere.
   *
   * <p>Called in inference mode (no autograd), within an open {@code PointerScope}. A text's
   * embeddings depend on the other texts by rounding only.
   *
   * @param texts at least one; the empty text is a text
   * @param clipSkip how many of the last layers to leave out, 0 to {@link #maxClipSkip()}
   * @param tokens how many tokens each text is padded or cut to, 2 to {@link #maxTokens()}
   * @return the embeddings, which belong to the innermost open scope, and what did not fit
   * @throws IllegalArgumentException if there is no text, or a number is out of range
   * @throws IllegalStateException if this encoder is closed
   */
  EncodedText encode(List<String> texts, int clipSkip, int tokens);

  /**
   * Cuts a text into tokens, all of them, without start, end and padding. Prompts with weights and
   * long prompts need it, and {@link #encodeTokens}.
   *
   * @param text any text, the empty one included
   * @return its tokens, possibly none
   * @throws UnsupportedOperationException if this encoder takes texts alone, as it does unless this
   *     method is overridden
   */
  default List<TextToken> tokenize(String text) {
    throw new UnsupportedOperationException(
        getClass().getName()
            + " takes plain prompts alone: use PromptSyntax.PLAIN, or implement"
            + " TextEncoder.tokenize and TextEncoder.encodeTokens");
  }

  /**
   * Encodes sequences of tokens, each of them alone: between start and end, padded to {@link
   * #maxTokens()}. Called as {@link #encode(List, int, int)} is.
   *
   * @param sequences at least one; each has up to {@code maxTokens() - 2} ids from {@link
   *     #tokenize}, possibly none
   * @param clipSkip how many of the last layers to leave out, 0 to {@link #maxClipSkip()}
   * @return [sequences, maxTokens, width], float32 on any device, of the innermost open scope
   * @throws IllegalArgumentException if there is no sequence, or one is too long, or {@code
   *     clipSkip} is out of range
   * @throws UnsupportedOperationException if this encoder takes texts alone
   * @throws IllegalStateException if this encoder is closed
   */
  default Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
    throw new UnsupportedOperationException(
        getClass().getName() + " takes plain prompts alone: use PromptSyntax.PLAIN");
  }

  /** Frees the parameters. */
  @Override
  void close();
}
