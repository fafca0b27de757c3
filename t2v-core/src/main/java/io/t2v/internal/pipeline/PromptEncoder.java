package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.text.PromptSyntax;
import io.t2v.text.PromptTokens;
import io.t2v.text.PromptTokens.Chunk;
import io.t2v.text.TextEncoder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Encodes prompts with weights, and prompts of any length: chunk by chunk, on one token axis.
 *
 * @param encoder which knows its tokens
 * @param syntax other than plain
 */
public record PromptEncoder(TextEncoder encoder, PromptSyntax syntax) {
  /**
   * Checks that the encoder knows its tokens.
   *
   * @throws IllegalArgumentException that names the encoder if it does not
   */
  public void check() {
    try {
      encoder.tokenize("");
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "promptSyntax is " + syntax + ", but the text encoder " + e.getMessage(), e);
    }
  }

  /** The tokens of each prompt. */
  public List<PromptTokens> tokenize(List<String> prompts) {
    return prompts.stream().map(prompt -> syntax.tokenize(prompt, encoder)).toList();
  }

  /** How many chunks the longest prompt has. */
  public static int chunks(List<PromptTokens> prompts) {
    return prompts.stream().mapToInt(prompt -> prompt.chunks().size()).max().orElse(0);
  }

  /**
   * Encodes prompts.
   *
   * @param prompts at least one
   * @param chunks at least as many as each prompt has; chunks of the empty text fill it up
   * @param clipSkip how many of the encoder's last layers to leave out
   * @return [prompts, chunks * maxTokens, width], of the innermost open scope
   */
  public Tensor encode(List<PromptTokens> prompts, int chunks, int clipSkip) {
    checkArgument(chunks >= chunks(prompts), "chunks is %s, expected %s", chunks, chunks(prompts));
    List<Chunk> all = prompts.stream().flatMap(prompt -> filledUp(prompt, chunks)).toList();
    try (TensorScope scope = TensorScope.open()) {
      Tensor embeddings =
          PlugInResult.check(
              encoder.encodeTokens(all.stream().map(Chunk::ids).toList(), clipSkip),
              encoder,
              "encodeTokens",
              null,
              all.size(),
              encoder.maxTokens(),
              encoder.width());
      return scope.keep(
          weighted(embeddings, all)
              .reshape(prompts.size(), (long) chunks * encoder.maxTokens(), encoder.width()));
    }
  }

  private static Stream<Chunk> filledUp(PromptTokens prompt, int chunks) {
    return Stream.concat(
        prompt.chunks().stream(),
        Collections.nCopies(chunks - prompt.chunks().size(), Chunk.EMPTY).stream());
  }

  /** A copy where a chunk has weights, and the embeddings themselves where none has. */
  private Tensor weighted(Tensor embeddings, List<Chunk> chunks) {
    if (chunks.stream().noneMatch(Chunk::isWeighted)) {
      return embeddings;
    }
    Tensor result = embeddings.clone();
    for (int i = 0; i < chunks.size(); i++) {
      if (chunks.get(i).isWeighted()) {
        try (TensorScope scope = TensorScope.open()) {
          weigh(result.select(0, i), chunks.get(i));
        }
      }
    }
    return result;
  }

  /**
   * Multiplies each token of a chunk by its weight, and all of them by what restores their mean.
   *
   * @param embeddings [tokens, width], changed in place
   */
  private void weigh(Tensor embeddings, Chunk chunk) {
    float[] weights = new float[encoder.maxTokens()];
    Arrays.fill(weights, 1);
    for (int i = 0; i < chunk.weights().size(); i++) {
      // The first token is the start.
      weights[i + 1] = chunk.weights().get(i).floatValue();
    }
    double before = mean(embeddings);
    embeddings.mul_(
        HostTensors.of(weights, weights.length, 1).to(embeddings.device(), ScalarType.Float));
    embeddings.mul_(new Scalar(before / mean(embeddings)));
  }

  private static double mean(Tensor x) {
    return x.to(ScalarType.Double).mean().item_double();
  }
}
