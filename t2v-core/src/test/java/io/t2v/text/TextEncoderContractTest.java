package io.t2v.text;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.TextEncoderContract;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Mistake;
import io.t2v.testing.StubTextEncoder;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class TextEncoderContractTest {
  private static final int WIDTH = 3;
  private static final int TOKENS = 6;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** Knows characters as tokens: an embedding is the character's number at its place. */
  private static class Characters implements TextEncoder {
    @Override
    public int width() {
      return WIDTH;
    }

    @Override
    public int maxTokens() {
      return TOKENS;
    }

    @Override
    public int maxClipSkip() {
      return 2;
    }

    @Override
    public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
      TensorVector rows = new TensorVector();
      texts.forEach(text -> rows.push_back(row(ids(text), tokens).add(new Scalar(clipSkip))));
      return new EncodedText(
          torch.cat(rows, 0), texts.stream().map(text -> cutOff(text, tokens)).toList());
    }

    private static Tensor row(List<Integer> ids, int tokens) {
      float[] values = new float[tokens * WIDTH];
      for (int i = 0; i < Math.min(ids.size(), tokens - 2); i++) {
        values[i * WIDTH] = ids.get(i);
      }
      return HostTensors.of(values, 1, tokens, WIDTH);
    }

    private static List<Integer> ids(String text) {
      return text.chars().boxed().toList();
    }

    private static String cutOff(String text, int tokens) {
      return text.substring(Math.min(text.length(), tokens - 2));
    }

    @Override
    public List<TextToken> tokenize(String text) {
      return ids(text).stream().map(TextToken::of).toList();
    }

    @Override
    public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
      return row(sequences.get(0), TOKENS);
    }

    @Override
    public void close() {}
  }

  private static Runnable check(TextEncoder encoder) {
    return TextEncoderContract.of(encoder)::check;
  }

  @Test
  void passesWhatKeepsIt() {
    check(new Characters()).run();
    check(new StubTextEncoder(WIDTH)).run();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "CHANGES_ITS_ARGUMENT")
  void finds(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        check(
            new Characters() {
              @Override
              public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
                EncodedText right = super.encode(texts, clipSkip, tokens);
                return new EncodedText(
                    author.apply(right.embeddings(), right.embeddings()), right.truncatedTexts());
              }
            }));
  }

  /** An encoder that says something else of what it cut off. */
  private static Runnable checkCuttingOff(List<String> all, String one) {
    return check(
        new Characters() {
          @Override
          public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
            return new EncodedText(
                super.encode(texts, clipSkip, tokens).embeddings(),
                all.isEmpty() ? all : Collections.nCopies(texts.size(), one));
          }
        });
  }

  @Test
  void findsAWrongWordOnWhatIsCutOff() {
    assertBroken(checkCuttingOff(List.of(), ""), "returns 0 truncatedTexts for 1 texts");
    assertBroken(checkCuttingOff(List.of("all"), "..."), "cuts off what is no end of the text");
  }

  @Test
  void findsTokensThatAreEncodedInAnotherWay() {
    assertBroken(
        check(
            new Characters() {
              @Override
              public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
                return super.encodeTokens(sequences, clipSkip).add(new Scalar(1));
              }
            }),
        "encodes the tokens of \"\" to something else than the text");
  }
}
