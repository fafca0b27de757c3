package io.t2v.contract;

import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;

/**
 * What the pipeline relies on, checked for any text encoder, which stays the caller's to close:
 *
 * <pre>{@code
 * TextEncoderContract.of(encoder).check();
 * }</pre>
 *
 * <p>Embeddings are tensors of the right shape and dtype, for any number of tokens and any layer;
 * what does not fit is cut off, and said; a text is encoded as it is alone; calls, threads and
 * texts of a batch do not disturb each other, and neither does holding the weights; no native
 * object is left behind. An encoder that knows its tokens encodes those of a text as it encodes the
 * text. Immutable.
 */
public final class TextEncoderContract extends TensorContract {
  private static final List<String> TEXTS =
      List.of("a panda eats bamboo", "", "a boat, at night", "an astronaut rides a horse");

  private static final int LONG = 1000;

  private final TextEncoder encoder;

  private TextEncoderContract(TextEncoder encoder) {
    super(encoder.getClass().getName(), "texts");
    this.encoder = encoder;
  }

  /**
   * Takes a text encoder.
   *
   * @param encoder to be checked
   * @return the contract
   */
  public static TextEncoderContract of(TextEncoder encoder) {
    return new TextEncoderContract(encoder);
  }

  @Override
  public void check() {
    require(requireConstant("width", encoder::width) >= 1, "has no width");
    int maxTokens = requireConstant("maxTokens", encoder::maxTokens);
    require(maxTokens >= 2, "has %s maxTokens, expected at least 2", maxTokens);
    require(requireConstant("maxClipSkip", encoder::maxClipSkip) >= 0, "skips less than no layer");
    checkRuns();
    holdingChangesNothing(() -> requireResult("hold", encoder.hold())::close);
    tellsWhatIsCutOff();
    encodesTokensAsTexts();
  }

  /** All tokens, fewer of them, and the deepest layer. */
  @Override
  int calls() {
    return 3;
  }

  @Override
  Run start(Arguments arguments) {
    List<String> texts =
        LongStream.of(arguments.seeds())
            .mapToObj(seed -> TEXTS.get((int) (seed % TEXTS.size())))
            .toList();
    return index ->
        encode(
                texts,
                index == 2 ? encoder.maxClipSkip() : 0,
                index == 1 ? Math.max(2, encoder.maxTokens() / 2) : encoder.maxTokens())
            .embeddings();
  }

  private EncodedText encode(List<String> texts, int clipSkip, int tokens) {
    EncodedText encoded = requireResult("encode", encoder.encode(texts, clipSkip, tokens));
    checked("encode", encoded.embeddings(), new long[] {texts.size(), tokens, encoder.width()});
    require(
        encoded.truncatedTexts().size() == texts.size(),
        "returns %s truncatedTexts for %s texts",
        encoded.truncatedTexts().size(),
        texts.size());
    return encoded;
  }

  private void tellsWhatIsCutOff() {
    String all = String.join(" ", Collections.nCopies(LONG, "panda"));
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      List<String> cutOff = encode(List.of(all, "panda"), 0, encoder.maxTokens()).truncatedTexts();
      require(all.endsWith(cutOff.get(0)), "cuts off what is no end of the text");
    }
  }

  private void encodesTokensAsTexts() {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      for (String text : TEXTS) {
        List<Integer> ids =
            requireResult("tokenize", encoder.tokenize(text)).stream()
                .map(TextToken::ids)
                .flatMap(List::stream)
                .toList();
        if (ids.size() <= encoder.maxTokens() - 2) {
          Tensor ofTokens =
              checked(
                  "encodeTokens",
                  encoder.encodeTokens(List.of(ids), 0),
                  new long[] {1, encoder.maxTokens(), encoder.width()});
          Tensor ofText = encode(List.of(text), 0, encoder.maxTokens()).embeddings();
          require(
              close(Draws.floats(ofTokens), Draws.floats(ofText)),
              "encodes the tokens of \"%s\" to something else than the text",
              text);
        }
      }
    } catch (UnsupportedOperationException e) {
      // takes texts alone, as it may
    }
  }
}
