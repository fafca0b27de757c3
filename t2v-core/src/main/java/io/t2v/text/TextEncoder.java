package io.t2v.text;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Encodes texts to the embeddings that condition the denoiser.
 *
 * <p>Implementations are thread-safe.
 */
public interface TextEncoder extends AutoCloseable {
  /**
   * Returns the width of an embedding.
   *
   * @return at least 1, 1024 for ModelScope's model
   */
  int width();

  /**
   * Returns how many tokens a text is padded or truncated to, with those of its start and end.
   *
   * @return at least 2, usually 77
   */
  int maxTokens();

  /**
   * Returns the largest {@code clipSkip}, usually the number of layers.
   *
   * @return at least 0
   */
  int maxClipSkip();

  /**
   * Encodes texts at {@link #maxTokens()} tokens.
   *
   * @param texts at least one; the empty text is a text
   * @param clipSkip how many of the last layers to skip, 0 to {@link #maxClipSkip()}; the reference
   *     skips none for negative prompts
   * @return the embeddings, of the innermost open scope, and what was truncated
   * @throws IllegalArgumentException if there is no text, or {@code clipSkip} is out of range
   * @throws IllegalStateException if this encoder is closed
   */
  default EncodedText encode(List<String> texts, int clipSkip) {
    return encode(texts, clipSkip, maxTokens());
  }

  /**
   * Encodes texts at a given number of tokens, for instance that of embeddings of another origin.
   *
   * <p>Called in inference mode (no autograd), within an open {@code PointerScope}. Other texts of
   * the call change a text's embeddings by rounding errors at most.
   *
   * @param texts at least one; the empty text is a text
   * @param clipSkip how many of the last layers to skip, 0 to {@link #maxClipSkip()}
   * @param tokens how many tokens each text is padded or truncated to, 2 to {@link #maxTokens()}
   * @return the embeddings, of the innermost open scope, and what was truncated
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

  /**
   * Encodes sequences of tokens as {@link #encodeTokens(List, int)} does, but hides some of them:
   * no token attends to a hidden one. Weights below 1 of {@link PromptSyntax#COMPEL} need it.
   *
   * @param sequences at least one
   * @param hidden for each sequence the indices of its hidden tokens; may be empty
   * @param clipSkip how many of the last layers to leave out
   * @return [sequences, maxTokens, width], float32 on any device, of the innermost open scope
   * @throws UnsupportedOperationException if this encoder cannot hide tokens, as it does unless
   *     this method is overridden
   */
  default Tensor encodeTokens(
      List<List<Integer>> sequences, List<Set<Integer>> hidden, int clipSkip) {
    throw new UnsupportedOperationException(
        getClass().getName()
            + " hides no tokens, which weights below 1 of PromptSyntax.COMPEL need: use"
            + " PromptSyntax.A1111, or implement TextEncoder.encodeTokens with hidden tokens");
  }

  /**
   * Keeps the weights resident from the next use on until the result is closed, even if they are
   * offloaded after each use. For encoding several texts one after the other, if any. By default
   * this does nothing.
   *
   * @return to be closed after the last text
   */
  default Hold hold() {
    return () -> {};
  }

  /** A stretch of time in which texts are encoded. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Frees the weights: at once, or when the last use ends. */
  @Override
  void close();
}
