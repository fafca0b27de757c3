package io.t2v.internal.clip;

import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Prefetcher;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** CLIP's text network: the reference's {@code CLIPTextModel} without the pooled output. */
final class ClipTextTransformer {
  /** Older files store position ids, which are no parameters: 0, 1, 2 and so on. */
  static final Set<String> NO_PARAMETERS =
      Set.of("text_model.embeddings.position_ids", "embeddings.position_ids");

  private static final String TOKEN_EMBEDDING = "embeddings.token_embedding.weight";

  private final ComputeConfig compute;
  private final boolean masksPadding;
  private final ManagedModule<Tensor> tokenEmbedding;
  private final Tensor positionEmbedding;
  private final List<ManagedModule<ClipTextLayer>> layers = new ArrayList<>();
  private final LayerNorm finalNorm;

  ClipTextTransformer(ClipTextConfig config, Weights weights, Submodules submodules) {
    // Up to version 4, transformers wrote names with this prefix.
    Weights model = weights.has(TOKEN_EMBEDDING) ? weights : weights.at("text_model");
    compute = weights.compute();
    masksPadding = config.masksPadding();
    tokenEmbedding =
        submodules.part(
            TOKEN_EMBEDDING,
            model,
            own -> own.parameter(TOKEN_EMBEDDING, config.vocabularySize(), config.width()));
    positionEmbedding =
        model.parameter(
            "embeddings.position_embedding.weight", config.maxPositions(), config.width());
    for (int i = 0; i < config.layers(); i++) {
      Weights layer = model.at("encoder.layers", i);
      layers.add(submodules.part(layer.name(), layer, own -> new ClipTextLayer(config, own)));
    }
    finalNorm = LayerNorm.load(model.at("final_layer_norm"), config.width(), config.normEpsilon());
  }

  /**
   * Computes embeddings.
   *
   * @param texts at least one, all of the same length
   * @param clipSkip how many of the last layers to skip; never the final normalisation
   * @param learned embeddings of ids beyond the vocabulary
   * @return [texts, tokens, width], float32
   */
  Tensor forward(List<TokenizedText> texts, int clipSkip, LearnedWords learned) {
    try (TensorScope scope = TensorScope.open();
        Prefetcher prefetcher = new Prefetcher()) {
      int length = texts.get(0).length();
      List<ManagedModule<ClipTextLayer>> used = layers.subList(0, layers.size() - clipSkip);
      Tensor tokens =
          embed(texts, used, learned, prefetcher).add_(positionEmbedding.narrow(0, 0, length));
      Tensor mask = compute.toCompute(mask(texts, length));
      prefetcher.inTurn(used, layer -> layer.addTo(tokens, mask));
      return scope.keep(ComputeConfig.toFloat32(finalNorm.forward(tokens)));
    }
  }

  private Tensor embed(
      List<TokenizedText> texts,
      List<ManagedModule<ClipTextLayer>> next,
      LearnedWords learned,
      Prefetcher prefetcher) {
    long[] ids = texts.stream().flatMapToLong(text -> Arrays.stream(text.ids())).toArray();
    long[] inTable = Arrays.stream(ids).map(id -> learned.contains(id) ? 0 : id).toArray();
    Tensor tokens = HostTensors.of(inTable, texts.size(), texts.get(0).length());
    Tensor embeddings =
        prefetcher.use(
            tokenEmbedding,
            next.isEmpty() ? null : next.get(0),
            table -> torch.embedding(table, compute.place(tokens)));
    learned.putInto(ids, embeddings);
    return embeddings;
  }

  /**
   * The causal mask, [1, 1, tokens, tokens], or with masked padding or hidden tokens one for each
   * text, [texts, 1, tokens, tokens]. Every token sees the start of its text, so that no row
   * consists of minus infinity alone, whose softmax would be NaN.
   */
  private Tensor mask(List<TokenizedText> texts, int length) {
    boolean ofEach = masksPadding || texts.stream().anyMatch(TokenizedText::hidesTokens);
    int masks = ofEach ? texts.size() : 1;
    float[] values = new float[masks * length * length];
    for (int i = 0; i < masks; i++) {
      TokenizedText text = texts.get(i);
      long[] isText = text.attentionMask();
      for (int query = 0; query < length; query++) {
        for (int key = 0; key < length; key++) {
          if (key > query || text.isHidden(key) || (masksPadding && isText[key] == 0)) {
            values[(i * length + query) * length + key] = Float.NEGATIVE_INFINITY;
          }
        }
      }
    }
    return HostTensors.of(values, masks, 1, length, length);
  }
}
