package io.t2v.text;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The embeddings of texts, and what was cut off from these.
 *
 * @param embeddings [texts, tokens, width], float32 on any device
 * @param truncatedTexts for each text the end that exceeded the number of tokens, from the start of
 *     a token on; "" if all of it fitted
 */
public record EncodedText(Tensor embeddings, List<String> truncatedTexts) {
  /**
   * Copies the list.
   *
   * @param embeddings [texts, tokens, width], float32 on any device
   * @param truncatedTexts for each text the end that was cut off, "" for none
   */
  public EncodedText {
    truncatedTexts = List.copyOf(truncatedTexts);
  }
}
