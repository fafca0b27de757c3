package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * One part of what a prompt is encoded to: a weighted mixture of prompts. The embeddings of all
 * terms stand one after the other on the token axis.
 *
 * @param prompts at least one
 * @param shares of the prompts in the mixture, as many
 * @param weight how far the mixture goes from the empty text to the prompts; 1 for all the way
 */
public record PromptTerm(List<PromptTokens> prompts, List<Double> shares, double weight) {
  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if there is no prompt, or another number of shares
   */
  public PromptTerm {
    prompts = List.copyOf(prompts);
    shares = List.copyOf(shares);
    checkArgument(
        !prompts.isEmpty() && prompts.size() == shares.size(),
        "a term has %s prompts and %s shares, expected as many, at least one",
        prompts.size(),
        shares.size());
  }

  /**
   * Returns how many chunks the longest of the prompts has.
   *
   * @return at least 1
   */
  public int chunks() {
    return prompts.stream().mapToInt(prompt -> prompt.chunks().size()).max().orElseThrow();
  }
}
