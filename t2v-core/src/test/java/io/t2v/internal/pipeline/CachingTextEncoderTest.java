package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class CachingTextEncoderTest {
  private final CountingEncoder counting = new CountingEncoder();
  private final CachingTextEncoder encoder = new CachingTextEncoder(counting);

  @Test
  void encodesTheSameCallOnce() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      EncodedText first = encoder.encode(List.of("a", "long text"), 0, 2);
      EncodedText second = encoder.encode(List.of("a", "long text"), 0, 2);
      assertThat(HostTensors.toFloats(second.embeddings()))
          .isEqualTo(HostTensors.toFloats(first.embeddings()));
      assertThat(second.truncatedTexts()).isEqualTo(first.truncatedTexts());
      assertThat(counting.calls).hasSize(1);
    }
  }

  @Test
  void handsOutCopies() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      encoder.encode(List.of("a"), 0, 2).embeddings().zero_();
      encoder.encode(List.of("a"), 0, 2).embeddings().zero_();
      assertThat(HostTensors.toFloats(encoder.encode(List.of("a"), 0, 2).embeddings()))
          .containsExactly(1, 1, 1, 1);
    }
  }

  @Test
  void remembersSequencesOfTokens() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      List<List<Integer>> sequences = List.of(List.of(7), List.of());
      encoder.encodeTokens(sequences, 0).zero_();
      assertThat(HostTensors.toFloats(encoder.encodeTokens(sequences, 0)))
          .containsExactly(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0);
      assertThat(counting.tokenCalls).isEqualTo(1);
      encoder.encodeTokens(sequences, 1);
      encoder.encodeTokens(List.of(List.of(), List.of(7)), 0);
      assertThat(counting.tokenCalls).isEqualTo(3);
      assertThat(encoder.tokenize("a")).containsExactly(TextToken.of(7));
    }
  }

  @Test
  void tellsOtherCallsApart() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      encoder.encode(List.of("a"), 0, 2);
      encoder.encode(List.of("a"), 1, 2);
      encoder.encode(List.of("a"), 0, 3);
      encoder.encode(List.of("a", "b"), 0, 2);
      assertThat(counting.calls).hasSize(4);
    }
  }

  @Test
  void forgetsWhatWasNotAskedForTheLongest() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      encoder.encode(List.of("first"), 0, 2);
      encoder.encode(List.of(""), 0, 2);
      for (int i = 0; i < 63; i++) {
        encoder.encode(List.of("text " + i), 0, 2);
        encoder.encode(List.of(""), 0, 2);
      }
      assertThat(counting.calls).hasSize(65);
      encoder.encode(List.of(""), 0, 2);
      assertThat(counting.calls).as("often asked for").hasSize(65);
      encoder.encode(List.of("first"), 0, 2);
      assertThat(counting.calls).as("forgotten").hasSize(66);
    }
  }

  /** Embeds a text as its length. */
  private static final class CountingEncoder implements TextEncoder {
    private final List<List<String>> calls = new ArrayList<>();
    private int tokenCalls;

    @Override
    public int width() {
      return 2;
    }

    @Override
    public int maxTokens() {
      return 3;
    }

    @Override
    public int maxClipSkip() {
      return 1;
    }

    @Override
    public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
      calls.add(texts);
      float[] values = new float[texts.size() * tokens * width()];
      for (int i = 0; i < values.length; i++) {
        values[i] = texts.get(i / (tokens * width())).length();
      }
      return new EncodedText(HostTensors.of(values, texts.size(), tokens, width()), texts);
    }

    @Override
    public List<TextToken> tokenize(String text) {
      return List.of(TextToken.of(7));
    }

    @Override
    public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
      tokenCalls++;
      float[] values = new float[sequences.size() * maxTokens() * width()];
      for (int i = 0; i < values.length; i++) {
        values[i] = sequences.get(i / (maxTokens() * width())).size();
      }
      return HostTensors.of(values, sequences.size(), maxTokens(), width());
    }

    @Override
    public void close() {}
  }
}
