package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * A token of a text, as {@link TextEncoder#tokenize} returns it.
 *
 * @param ids usually one. A learned word has one id for each of its vectors, which stay together
 *     where a long prompt is cut into chunks
 */
public record TextToken(List<Integer> ids) {
  /**
   * Copies the list.
   *
   * @param ids at least one
   * @throws IllegalArgumentException if there is none
   */
  public TextToken {
    ids = List.copyOf(ids);
    checkArgument(!ids.isEmpty(), "a token has no id, expected at least one");
  }

  /**
   * Makes a token of one id.
   *
   * @param id of the vocabulary
   * @return the token
   */
  public static TextToken of(int id) {
    return new TextToken(List.of(id));
  }
}
