package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.Iterables.getOnlyElement;
import static java.util.Objects.requireNonNull;

import io.t2v.internal.memory.Workload.Texts;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.text.PromptSyntax;
import io.t2v.text.PromptTerm;
import io.t2v.text.PromptTokens;
import io.t2v.text.PromptTokens.Chunk;
import io.t2v.text.TextEncoder;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
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

  private record Pair(List<String> negative, List<String> positive) {}

  /**
   * Works out which texts {@link #encodeSteps} makes, without encoding them.
   *
   * @param prompts of the videos
   * @param negative one, or as many as prompts; none without guidance
   * @param steps of the run, or more
   * @param promptsApart as {@link Texts} has it
   */
  public Texts texts(List<String> prompts, List<String> negative, int steps, boolean promptsApart) {
    List<Pair> pairs = pairs(prompts, negative, steps);
    return new Texts(
        mostChunks(pairs) * encoder.maxTokens(), StepTexts.mostAtOnce(pairs), false, promptsApart);
  }

  private List<Pair> pairs(List<String> prompts, List<String> negative, int steps) {
    List<List<String>> negativeSteps = textsOfEachStep(negative, steps);
    List<List<String>> positiveSteps = textsOfEachStep(prompts, steps);
    return IntStream.range(0, steps)
        .mapToObj(i -> new Pair(at(i, negativeSteps), at(i, positiveSteps)))
        .toList();
  }

  /**
   * Encodes what each step reads, equal prompts once. All get as many chunks as the longest of them
   * needs in any step.
   *
   * @param prompts of the videos
   * @param negative one, or as many as prompts; none without guidance
   * @param clipSkip how many of the encoder's last layers to leave out for the prompts
   * @param received what to do with each result of the encoder
   * @return [prompts, tokens, width], preceded by as many negative ones if there are any, of the
   *     innermost open scope
   */
  public StepTexts encodeSteps(
      List<String> prompts,
      List<String> negative,
      int steps,
      int clipSkip,
      UnaryOperator<Tensor> received) {
    List<Pair> pairs = pairs(prompts, negative, steps);
    List<List<String>> negatives = pairs.stream().map(Pair::negative).distinct().toList();
    List<List<String>> positives = pairs.stream().map(Pair::positive).distinct().toList();
    int chunks = mostChunks(pairs);
    Map<List<String>, Tensor> encoded = new HashMap<>();
    for (List<String> texts : positives) {
      encoded.put(texts, received.apply(encodeTexts(texts, chunks, clipSkip)));
    }
    if (negative.isEmpty()) {
      return StepTexts.of(pairs, pair -> requireNonNull(encoded.get(pair.positive)));
    }
    // Apart from the prompts: the reference skips layers for these only.
    Map<List<String>, Tensor> encodedNegative = new HashMap<>();
    for (List<String> texts : negatives) {
      encodedNegative.put(texts, received.apply(encodeTexts(texts, chunks, 0)));
    }
    return StepTexts.of(
        pairs,
        pair -> {
          Tensor positive = requireNonNull(encoded.get(pair.positive));
          Tensor ofEach =
              requireNonNull(encodedNegative.get(pair.negative))
                  .expand(HostTensors.shape(positive));
          return torch.cat(new TensorVector(ofEach, positive), 0);
        });
  }

  /** By prompt, then by step. */
  private List<List<String>> textsOfEachStep(List<String> prompts, int steps) {
    return prompts.stream().map(prompt -> syntax.textOfEachStep(prompt, steps)).toList();
  }

  private static List<String> at(int step, List<List<String>> texts) {
    return texts.stream().map(ofPrompt -> ofPrompt.get(step)).toList();
  }

  private int mostChunks(List<Pair> pairs) {
    return pairs.stream()
        .flatMap(pair -> Stream.of(pair.negative, pair.positive))
        .distinct()
        .mapToInt(this::chunksOf)
        .max()
        .orElse(0);
  }

  private int chunksOf(List<String> prompts) {
    return prompts.stream()
        .mapToInt(
            prompt -> syntax.terms(prompt, encoder).stream().mapToInt(PromptTerm::chunks).sum())
        .max()
        .orElse(0);
  }

  private Tensor encodeTexts(List<String> prompts, int chunks, int clipSkip) {
    return syntax == PromptSyntax.COMPEL
        ? CompelEncoder.encode(
            encoder,
            clipSkip,
            prompts.stream().map(prompt -> syntax.terms(prompt, encoder)).toList(),
            chunks)
        : encode(tokenize(prompts), chunks, clipSkip);
  }

  /** The tokens of each prompt, of a syntax that combines none. */
  public List<PromptTokens> tokenize(List<String> prompts) {
    return prompts.stream()
        .map(prompt -> getOnlyElement(syntax.terms(prompt, encoder)))
        .map(term -> getOnlyElement(term.prompts()))
        .toList();
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
