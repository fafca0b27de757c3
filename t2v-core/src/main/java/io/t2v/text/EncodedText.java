package io.t2v.text;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts as a text encoder hands them to a denoiser.
 *
 * @param embeddings [texts, tokens, width], float32 on any device
 * @param truncatedTexts for each text the end of it that did not fit, "" where all of it fitted; it
 *     begins where the tokenizer can tell, at the start of a word's piece
 */
public record EncodedText(Tensor embeddings, List<String> truncatedTexts) {
  /**
   * Copies the list.
   *
   * @param embeddings [texts, tokens, width], float32 on any device
   * @param truncatedTexts for each text what did not fit, "" where all of it fitted
   */
  public EncodedText {
    truncatedTexts = List.copyOf(truncatedTexts);
  }
}
