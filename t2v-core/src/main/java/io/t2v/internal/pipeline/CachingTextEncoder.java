package io.t2v.internal.pipeline;

import io.t2v.internal.torch.HostTensors;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A text encoder that remembers the embeddings of the last texts on the Java heap, so that weights
 * which go after each use do not come back for a prompt, or the empty negative prompt, that was
 * encoded before.
 *
 * <p>What is remembered is a whole call: texts that are encoded together depend on each other by
 * rounding, and the same request shall give the same bits whatever was asked before it.
 *
 * <p>Safe for use by many threads.
 */
public final class CachingTextEncoder implements TextEncoder {
  /** A text of 77 tokens takes 308 KiB. */
  private static final int MOST_TEXTS = 64;

  private final TextEncoder encoder;
  private final Map<Call, Remembered> calls = new LinkedHashMap<>(16, 0.75f, true);
  private int texts;

  /**
   * Puts a memory before an encoder, for up to 64 texts.
   *
   * @param encoder closed with this one
   */
  public CachingTextEncoder(TextEncoder encoder) {
    this.encoder = encoder;
  }

  /** texts: strings, or lists of ids. */
  private record Call(List<?> texts, int clipSkip, int tokens) {}

  @SuppressWarnings("ArrayRecordComponent") // private, and never compared
  private record Remembered(float[] values, long[] shape, List<String> truncatedTexts) {}

  @Override
  public int width() {
    return encoder.width();
  }

  @Override
  public int maxTokens() {
    return encoder.maxTokens();
  }

  @Override
  public int maxClipSkip() {
    return encoder.maxClipSkip();
  }

  @Override
  public EncodedText encode(List<String> wanted, int clipSkip, int tokens) {
    Call call = new Call(List.copyOf(wanted), clipSkip, tokens);
    return encode(call, () -> encoder.encode(wanted, clipSkip, tokens));
  }

  @Override
  public List<TextToken> tokenize(String text) {
    return encoder.tokenize(text);
  }

  @Override
  public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
    Call call = new Call(sequences.stream().map(List::copyOf).toList(), clipSkip, maxTokens());
    return encode(call, () -> new EncodedText(encoder.encodeTokens(sequences, clipSkip), List.of()))
        .embeddings();
  }

  private EncodedText encode(Call call, Supplier<EncodedText> encode) {
    Remembered known = recall(call);
    if (known != null) {
      return new EncodedText(HostTensors.of(known.values, known.shape), known.truncatedTexts);
    }
    EncodedText encoded = encode.get();
    remember(
        call,
        new Remembered(
            HostTensors.toFloats(encoded.embeddings()),
            HostTensors.shape(encoded.embeddings()),
            encoded.truncatedTexts()));
    return encoded;
  }

  private synchronized @Nullable Remembered recall(Call call) {
    return calls.get(call);
  }

  private synchronized void remember(Call call, Remembered result) {
    if (calls.put(call, result) == null) {
      texts += call.texts.size();
    }
    while (texts > MOST_TEXTS) {
      Call oldest = calls.keySet().iterator().next();
      calls.remove(oldest);
      texts -= oldest.texts.size();
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
