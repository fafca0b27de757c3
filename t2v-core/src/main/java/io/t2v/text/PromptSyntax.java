package io.t2v.text;

import java.util.List;

/** How the text of a prompt is read: what in it is content, and what says how to treat it. */
public enum PromptSyntax {
  /** All of a prompt is content. What does not fit into the text encoder is cut off. */
  PLAIN {
    @Override
    List<PromptPart> parse(String prompt) {
      return List.of(PromptPart.of(prompt));
    }
  },

  /**
   * Weights and long prompts as in AUTOMATIC1111's Stable Diffusion web UI.
   *
   * <ul>
   *   <li>{@code (a boat)} multiplies the weight of the tokens by 1.1, {@code [a boat]} divides it
   *       by 1.1, {@code (a boat:1.3)} multiplies it by 1.3. Brackets may be nested. Those that are
   *       not closed reach to the end. A number in square brackets is content.
   *   <li>{@code \(}, {@code \)}, {@code \[}, {@code \]} and {@code \\} stand for the character
   *       itself.
   *   <li>A prompt that does not fit into the text encoder goes on in another chunk, 75 tokens at a
   *       time, each of which is encoded alone. If there is a comma among the last 20 tokens of a
   *       full chunk, what follows it moves on to the next one. {@code BREAK}, a word of its own in
   *       capitals, starts a new chunk.
   * </ul>
   *
   * <p>Each token's embedding is multiplied by its weight. A factor for the whole chunk then
   * restores its mean: the mean of one chunk of one prompt, so that a video of a batch is what it
   * is alone. The web UI takes the mean over all prompts of a batch. The mean of embeddings is near
   * 0, so a strong weight may change the whole prompt.
   *
   * <p>All prompts and negative prompts of a request get the same number of chunks: those with
   * fewer are filled up with chunks of the empty text, which changes them a little.
   */
  A1111 {
    @Override
    List<PromptPart> parse(String prompt) {
      return A1111Parser.parse(prompt);
    }
  };

  /** Cuts a prompt into pieces of one weight each. */
  abstract List<PromptPart> parse(String prompt);

  /**
   * Checks that a prompt is well-formed.
   *
   * @param prompt any text
   * @throws IllegalArgumentException if it is not; the message shows where
   */
  public void check(String prompt) {
    parse(prompt);
  }

  /**
   * Reads a prompt.
   *
   * @param prompt any text
   * @param encoder whose tokens they are
   * @return the tokens, in chunks that the encoder takes
   * @throws IllegalArgumentException if the prompt is not well-formed
   * @throws UnsupportedOperationException if the encoder takes texts alone
   */
  public PromptTokens tokenize(String prompt, TextEncoder encoder) {
    return PromptChunker.chunk(parse(prompt), encoder);
  }
}
