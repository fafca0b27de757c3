package io.t2v.text;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The embeddings of texts, and the ends of texts that did not fit.
 *
 * @param embeddings [texts, tokens, width], float32 on any device
 * @param truncatedTexts for each text its end beyond the number of tokens, from the start of a
 *     token on; "" if all of it fits
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
