package io.t2v.text;

/**
 * A piece of a prompt.
 *
 * @param text its content
 * @param weight of all its tokens
 * @param startsChunk whether a new chunk begins before it
 */
record PromptPart(String text, double weight, boolean startsChunk) {
  static PromptPart of(String text) {
    return new PromptPart(text, 1, false);
  }

  PromptPart times(double factor) {
    return new PromptPart(text, weight * factor, startsChunk);
  }

  PromptPart followedBy(PromptPart next) {
    return new PromptPart(text + next.text, weight, startsChunk);
  }
}
