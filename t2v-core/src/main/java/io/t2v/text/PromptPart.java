package io.t2v.text;

import java.util.ArrayList;
import java.util.List;

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

  /**
   * Makes one piece of neighbours that have the same weight and chunk, with a text between them.
   */
  static List<PromptPart> joined(List<PromptPart> parts, String between) {
    List<PromptPart> joined = new ArrayList<>();
    for (int i = 0; i < parts.size(); ) {
      PromptPart first = parts.get(i);
      StringBuilder text = new StringBuilder(first.text);
      for (i++; i < parts.size() && first.canJoin(parts.get(i)); i++) {
        text.append(between).append(parts.get(i).text);
      }
      joined.add(new PromptPart(text.toString(), first.weight, first.startsChunk));
    }
    return joined;
  }

  private boolean canJoin(PromptPart next) {
    return weight == next.weight && !next.startsChunk;
  }
}
