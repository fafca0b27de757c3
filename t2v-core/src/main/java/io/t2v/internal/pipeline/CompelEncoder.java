package io.t2v.internal.pipeline;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.text.PromptTerm;
import io.t2v.text.PromptTokens;
import io.t2v.text.PromptTokens.Chunk;
import io.t2v.text.TextEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Encodes prompts as compel does. Each token goes from the embedding of the empty text in the
 * direction of its own, as far as its weight says. A piece that weighs less than 1 is also mixed
 * with the prompt in which its tokens are hidden, {@code tan((1 - weight) · π / 2)} of it.
 *
 * <p>Compel masks a piece that reaches into another chunk together with the end of the first one;
 * here its own tokens alone are hidden.
 */
final class CompelEncoder {
  private static final double SMALLEST_WEIGHT = 1e-5;

  private final TextEncoder encoder;
  private final int clipSkip;

  /** The embedding of the empty text, [1, maxTokens, width]; null until a prompt needs it. */
  private @Nullable Tensor empty;

  private CompelEncoder(TextEncoder encoder, int clipSkip) {
    this.encoder = encoder;
    this.clipSkip = clipSkip;
  }

  /**
   * Encodes prompts.
   *
   * @param encoder which can hide tokens
   * @param clipSkip how many of its last layers to leave out
   * @param prompts the terms of each
   * @param chunks at least as many as each prompt has; the empty text fills it up
   * @return [prompts, chunks * maxTokens, width], of the innermost open scope
   */
  static Tensor encode(
      TextEncoder encoder, int clipSkip, List<List<PromptTerm>> prompts, int chunks) {
    try (TensorScope scope = TensorScope.open()) {
      CompelEncoder call = new CompelEncoder(encoder, clipSkip);
      TensorVector rows = new TensorVector();
      for (List<PromptTerm> terms : prompts) {
        TensorVector parts = new TensorVector();
        terms.forEach(term -> parts.push_back(call.term(term)));
        rows.push_back(call.filledUp(torch.cat(parts, 1), chunks));
      }
      return scope.keep(torch.cat(rows, 0));
    }
  }

  /** [1, tokens, width]. */
  private Tensor term(PromptTerm term) {
    int chunks = term.chunks();
    List<Tensor> prompts =
        term.prompts().stream().map(prompt -> filledUp(prompt(prompt), chunks)).toList();
    Tensor mixed = prompts.get(0);
    if (prompts.size() > 1 || term.shares().get(0) != 1) {
      mixed = mixed.mul(new Scalar(term.shares().get(0)));
      for (int i = 1; i < prompts.size(); i++) {
        mixed.add_(prompts.get(i).mul(new Scalar(term.shares().get(i))));
      }
    }
    if (term.weight() == 1) {
      return mixed;
    }
    Tensor origin = empty().repeat(1, chunks, 1);
    return origin.add(mixed.sub(origin).mul_(new Scalar(term.weight())));
  }

  private Tensor filledUp(Tensor embeddings, int chunks) {
    long missing = chunks - embeddings.size(1) / encoder.maxTokens();
    return missing == 0
        ? embeddings
        : torch.cat(new TensorVector(embeddings, empty().repeat(1, missing, 1)), 1);
  }

  private Tensor empty() {
    if (empty == null) {
      empty = checked(encoder.encodeTokens(List.of(List.of()), clipSkip), 1);
    }
    return empty;
  }

  private Tensor checked(Tensor encoded, int sequences) {
    return PlugInResult.check(
        encoded, encoder, "encodeTokens", null, sequences, encoder.maxTokens(), encoder.width());
  }

  /** [1, tokens, width]. */
  private Tensor prompt(PromptTokens prompt) {
    List<Chunk> chunks = prompt.chunks();
    List<List<Integer>> ids = chunks.stream().map(Chunk::ids).toList();
    Tensor mean = weighted(checked(encoder.encodeTokens(ids, clipSkip), ids.size()), chunks);
    List<Piece> light = lightPieces(chunks);
    if (!light.isEmpty()) {
      double total = 1;
      Tensor sum = mean.clone();
      for (Piece piece : light) {
        double share = Math.tan((1 - piece.weight) * Math.PI / 2);
        Tensor hiding = encoder.encodeTokens(ids, piece.tokens, clipSkip);
        sum.add_(weighted(checked(hiding, ids.size()), chunks).mul(new Scalar(share)));
        total += share;
      }
      mean = sum.div_(new Scalar(total));
    }
    return withFirstEnd(mean, chunks).reshape(1, -1, encoder.width());
  }

  /** All chunks get the end token of the first one, which stands for the whole text. */
  private static Tensor withFirstEnd(Tensor embeddings, List<Chunk> chunks) {
    if (chunks.size() == 1) {
      return embeddings;
    }
    Tensor result = embeddings.clone();
    Tensor first = result.select(0, 0).select(0, chunks.get(0).ids().size() + 1);
    for (int i = 1; i < chunks.size(); i++) {
      result.select(0, i).select(0, chunks.get(i).ids().size() + 1).copy_(first);
    }
    return result;
  }

  /**
   * Tokens in a row that have one weight, below 1.
   *
   * @param tokens of each chunk, by index
   */
  private record Piece(double weight, List<Set<Integer>> tokens) {}

  private static List<Piece> lightPieces(List<Chunk> chunks) {
    List<Piece> pieces = new ArrayList<>();
    double before = 1;
    for (int i = 0; i < chunks.size(); i++) {
      List<Double> weights = chunks.get(i).weights();
      for (int j = 0; j < weights.size(); j++) {
        double weight = weights.get(j);
        if (weight < 1 && weight != before) {
          List<Set<Integer>> tokens = new ArrayList<>();
          Collections.nCopies(chunks.size(), 0).forEach(zero -> tokens.add(new HashSet<>()));
          pieces.add(new Piece(Math.max(weight, SMALLEST_WEIGHT), tokens));
        }
        if (weight < 1) {
          pieces.get(pieces.size() - 1).tokens.get(i).add(j);
        }
        before = weight;
      }
    }
    return pieces;
  }

  /** Tokens of weight 1 stay what they are, bit for bit. */
  private Tensor weighted(Tensor embeddings, List<Chunk> chunks) {
    if (chunks.stream().noneMatch(Chunk::isWeighted)) {
      return embeddings;
    }
    float[] weights = new float[chunks.size() * encoder.maxTokens()];
    Arrays.fill(weights, 1);
    for (int i = 0; i < chunks.size(); i++) {
      List<Double> own = chunks.get(i).weights();
      for (int j = 0; j < own.size(); j++) {
        weights[i * encoder.maxTokens() + j + 1] = own.get(j).floatValue();
      }
    }
    Tensor factors =
        HostTensors.of(weights, chunks.size(), encoder.maxTokens(), 1)
            .to(embeddings.device(), ScalarType.Float);
    Tensor origin = empty();
    Tensor moved = origin.add(embeddings.sub(origin).mul_(factors));
    return torch.where(factors.eq(new Scalar(1)), embeddings, moved);
  }
}
