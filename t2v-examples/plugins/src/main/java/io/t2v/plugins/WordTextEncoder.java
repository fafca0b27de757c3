package io.t2v.plugins;

import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A text encoder that gives each word a random vector of its own, always the same, and takes texts
 * of 148 words. It stands for one that was trained with a denoiser; the published denoiser has
 * never seen such vectors.
 *
 * @param width of the denoiser's text embeddings
 */
public record WordTextEncoder(int width) implements TextEncoder {
  private static final int MAX_TOKENS = 150;
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final int START = 1;
  private static final int END = 2;

  @Override
  public int maxTokens() {
    return MAX_TOKENS;
  }

  /** There is one layer, which cannot be skipped. */
  @Override
  public int maxClipSkip() {
    return 0;
  }

  @Override
  public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
    List<List<Integer>> sequences = new ArrayList<>();
    List<String> cutOff = new ArrayList<>();
    for (String text : texts) {
      List<MatchResult> words = WORD.matcher(text).results().toList();
      int kept = Math.min(words.size(), tokens - 2);
      sequences.add(words.subList(0, kept).stream().map(WordTextEncoder::id).toList());
      cutOff.add(kept == words.size() ? "" : text.substring(words.get(kept).start()));
    }
    return new EncodedText(embed(sequences, tokens), cutOff);
  }

  @Override
  public List<TextToken> tokenize(String text) {
    return WORD.matcher(text).results().map(WordTextEncoder::id).map(TextToken::of).toList();
  }

  @Override
  public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
    return embed(sequences, MAX_TOKENS);
  }

  private static Integer id(MatchResult word) {
    return word.group().hashCode();
  }

  /** Between start and end, filled up with ends: [texts, tokens, width]. */
  private Tensor embed(List<List<Integer>> sequences, int tokens) {
    float[] values = new float[sequences.size() * tokens * width];
    int position = 0;
    for (List<Integer> ids : sequences) {
      for (int token = 0; token < tokens; token++) {
        int id = token == 0 ? START : token <= ids.size() ? ids.get(token - 1) : END;
        Random vector = new Random(id);
        for (int i = 0; i < width; i++) {
          values[position++] = (float) vector.nextGaussian();
        }
      }
    }
    try (FloatPointer numbers = new FloatPointer(values);
        Tensor view = torch.from_blob(numbers, sequences.size(), tokens, width)) {
      return view.clone();
    }
  }

  @Override
  public void close() {}
}
