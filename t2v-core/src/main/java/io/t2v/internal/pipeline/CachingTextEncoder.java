package io.t2v.internal.pipeline;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.t2v.internal.torch.HostTensors;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Caches the embeddings of recent texts on the Java heap, so that weights which are released after
 * each use are not loaded again for a repeated prompt, or the empty negative prompt.
 *
 * <p>The key is a whole call: texts that are encoded together depend on each other by rounding, and
 * the same request shall give the same bits whatever was asked before it.
 *
 * <p>Thread-safe.
 */
public final class CachingTextEncoder implements TextEncoder {
  /** A text of 77 tokens takes 308 KiB. */
  private static final int MOST_TEXTS = 64;

  private final TextEncoder encoder;

  /** One segment: the least recently used call goes first, whatever its hash. */
  private final Cache<Call, Embeddings> cache =
      CacheBuilder.newBuilder()
          .concurrencyLevel(1)
          .maximumWeight(MOST_TEXTS)
          .weigher((Call call, Embeddings embeddings) -> call.texts.size())
          .build();

  /**
   * Caches up to 64 texts.
   *
   * @param encoder closed with this one
   */
  public CachingTextEncoder(TextEncoder encoder) {
    this.encoder = encoder;
  }

  /** texts: strings, lists of ids, or those with hidden ones. */
  private record Call(List<?> texts, int clipSkip, int tokens) {}

  @SuppressWarnings("ArrayRecordComponent") // private, and never compared
  private record Embeddings(float[] values, long[] shape, List<String> truncatedTexts) {}

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

  /** A sequence of which tokens are hidden. */
  private record HidingSequence(List<Integer> ids, Set<Integer> hidden) {}

  @Override
  public Tensor encodeTokens(
      List<List<Integer>> sequences, List<Set<Integer>> hidden, int clipSkip) {
    List<HidingSequence> texts =
        IntStream.range(0, sequences.size())
            .mapToObj(
                i -> new HidingSequence(List.copyOf(sequences.get(i)), Set.copyOf(hidden.get(i))))
            .toList();
    return encode(
            new Call(texts, clipSkip, maxTokens()),
            () -> new EncodedText(encoder.encodeTokens(sequences, hidden, clipSkip), List.of()))
        .embeddings();
  }

  private EncodedText encode(Call call, Supplier<EncodedText> encode) {
    Embeddings cached = cache.getIfPresent(call);
    if (cached != null) {
      return new EncodedText(HostTensors.of(cached.values, cached.shape), cached.truncatedTexts);
    }
    EncodedText encoded = encode.get();
    cache.put(
        call,
        new Embeddings(
            HostTensors.toFloats(encoded.embeddings()),
            HostTensors.shape(encoded.embeddings()),
            encoded.truncatedTexts()));
    return encoded;
  }

  @Override
  public Hold hold() {
    return encoder.hold();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
