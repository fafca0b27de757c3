package io.t2v.text;

import java.util.Collections;
import java.util.List;

/** How a prompt is read: which of its characters are text, and which are markup. */
public enum PromptSyntax {
  /** All of a prompt is text. What does not fit into the text encoder is cut off. */
  PLAIN,

  /**
   * Weights and long prompts as in AUTOMATIC1111's Stable Diffusion web UI.
   *
   * <ul>
   *   <li>{@code (a boat)} multiplies the weight of the tokens by 1.1, {@code [a boat]} divides it
   *       by 1.1, {@code (a boat:1.3)} multiplies it by 1.3. Brackets may be nested. Those that are
   *       not closed reach to the end.
   *   <li>{@code [a cat:a dog:0.5]} reads a cat in the first half of the steps and a dog from then
   *       on; {@code [a dog:0.5]} reads nothing at first, {@code [a cat::0.5]} nothing in the end.
   *       A number below 1 is a share of the steps, others count them: {@code [a cat:a dog:5]} has
   *       a dog after the step of the index 5, which is the sixth. {@code [a cat|a dog]} changes
   *       with every step; the first two read a cat. What is edited may hold weights, and edits.
   *       Steps are counted as in the web UI: from 0, up to and including the number. A step is a
   *       call of the denoiser, of which Heun's and similar schedulers make two.
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

    @Override
    public List<String> textOfEachStep(String prompt, int steps) {
      return PromptEdits.textOfEachStep(prompt, steps);
    }
  },

  /**
   * Weights, mixtures and long prompts as in <a
   * href="https://github.com/damian0815/compel">compel</a>.
   *
   * <ul>
   *   <li>{@code boat+} multiplies the weight of a word by 1.1, {@code boat-} by 0.9, {@code
   *       boat++} by 1.1 twice. {@code (a boat)1.3} or {@code "a boat"1.3} gives several words a
   *       weight; both also take plus and minus. They may be nested. A backslash before a sign
   *       makes it text.
   *   <li>{@code ("a boat", "a lake").blend(0.7, 0.3)} is the mean of several prompts, by weights
   *       that are divided by their sum, unless {@code no_normalize} is the last of them. {@code
   *       ("a boat", "a lake").and(1, 0.5)} places prompts one after the other. Without weights all
   *       are 1.
   *   <li>A prompt that does not fit into the text encoder goes on in another chunk, after the last
   *       full stop that fits, or else punctuation mark, or else word. The end token of all chunks
   *       is that of the first.
   * </ul>
   *
   * <p>A token's embedding goes from the empty text's in the direction of its own, as far as its
   * weight says. What weighs less than 1 is also mixed with the prompt without it: at 0.5 half and
   * half, towards 0 it vanishes. For that the text encoder runs once more for each such piece.
   * {@code .swap}, {@code .attend} and LoRAs in a prompt are refused.
   */
  COMPEL {
    @Override
    public void check(String prompt) {
      CompelParser.parse(prompt);
    }

    @Override
    public List<PromptTerm> terms(String prompt, TextEncoder encoder) {
      return CompelParser.parse(prompt).stream()
          .map(
              term ->
                  new PromptTerm(
                      term.prompts().stream()
                          .map(parts -> CompelChunker.chunk(parts, encoder))
                          .toList(),
                      term.shares(),
                      term.weight()))
          .toList();
    }
  };

  /** Cuts a prompt into pieces of one weight each, in a syntax that combines no prompts. */
  List<PromptPart> parse(String prompt) {
    return List.of(PromptPart.of(prompt));
  }

  /**
   * Checks that a prompt is well-formed.
   *
   * @param prompt any text
   * @throws IllegalArgumentException if it is not; the message shows where
   */
  public void check(String prompt) {
    parse(prompt);
    textOfEachStep(prompt, 1);
  }

  /**
   * Reads what changes from step to step.
   *
   * @param prompt any text
   * @param steps of the run, at least 1
   * @return the prompt of each step, without the markup of editing; the same for all steps unless
   *     the syntax has such markup
   * @throws IllegalArgumentException if the prompt is not well-formed
   */
  public List<String> textOfEachStep(String prompt, int steps) {
    return Collections.nCopies(steps, prompt);
  }

  /**
   * Reads a prompt.
   *
   * @param prompt any text
   * @param encoder whose tokens they are
   * @return one term, or several where the syntax combines prompts
   * @throws IllegalArgumentException if the prompt is not well-formed
   * @throws UnsupportedOperationException if the encoder takes texts alone
   */
  public List<PromptTerm> terms(String prompt, TextEncoder encoder) {
    PromptTokens tokens = PromptChunker.chunk(parse(prompt), encoder);
    return List.of(new PromptTerm(List.of(tokens), List.of(1.0), 1));
  }
}
