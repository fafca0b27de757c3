package io.t2v.internal.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.memory.WeightFootprint;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.weights.Weights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import io.t2v.text.TextToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * The text encoder of a checkpoint: a CLIP text model and its tokenizer.
 *
 * <p>On a CPU it uses float32 weights as they are read, without re-ordering them, since it runs
 * once for each text. Thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Learning Transferable Visual Models From Natural
 *     Language Supervision</a>
 */
public final class ClipTextEncoder implements TextEncoder {
  private final ClipTextConfig config;
  private final ClipTokenizer tokenizer;
  private final LearnedWords learned;
  private final ManagedModule<ClipTextTransformer> network;

  private ClipTextEncoder(
      ClipTextConfig config,
      ClipTokenizer tokenizer,
      LearnedWords learned,
      ManagedModule<ClipTextTransformer> network) {
    this.config = config;
    this.tokenizer = tokenizer;
    this.learned = learned;
    this.network = network;
  }

  /** As {@link #open(JsonConfig, TensorFiles, ClipTokenizer, List, Placement)}, on the CPU. */
  public static ClipTextEncoder open(JsonConfig json, TensorFiles files, ClipTokenizer tokenizer) {
    return open(
        json,
        files,
        tokenizer,
        List.of(),
        new Placement(Component.TEXT_ENCODER, OffloadPolicy.none()));
  }

  /** As {@link #open(JsonConfig, TensorReader, ClipTokenizer, List, Placement)}. */
  public static ClipTextEncoder open(
      JsonConfig json,
      TensorFiles files,
      ClipTokenizer tokenizer,
      List<Path> learnedWords,
      Placement placement) {
    return open(json, TensorReader.open(files), tokenizer, learnedWords, placement);
  }

  /**
   * Checks the configuration against the weights and the tokenizer, without reading the weights.
   *
   * @param json config of a CLIPTextModel
   * @param files weights, whose names may begin with {@code text_model.}; closed with the encoder,
   *     or here if it is not made
   * @param learnedWords files of textual inversion, a word each, which are read at once
   * @throws CheckpointException if an option is unknown or impossible, or the weights or the
   *     tokenizer do not fit
   */
  public static ClipTextEncoder open(
      JsonConfig json,
      TensorReader files,
      ClipTokenizer tokenizer,
      List<Path> learnedWords,
      Placement placement) {
    try {
      ClipTextConfig config = ClipTextConfig.read(json);
      config.requireFits(tokenizer, json);
      LearnedWords learned = LearnedWords.read(learnedWords, config, tokenizer);
      Weights.check(
          files.tensors(),
          ClipTextTransformer.NO_PARAMETERS,
          weights -> new ClipTextTransformer(config, weights, Submodules.together()));
      return new ClipTextEncoder(
          config,
          tokenizer.withLearnedWords(learned),
          learned,
          placement.place(
              files,
              Weights.Form.IN_PLACE,
              (weights, submodules) -> new ClipTextTransformer(config, weights, submodules)));
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /**
   * Lists the parameters that a configuration needs, by names that begin with {@code text_model.}.
   *
   * @throws CheckpointException if an option is unknown or impossible
   */
  public static void listParameters(JsonConfig json, Weights.ParameterListener listener) {
    ClipTextConfig config = ClipTextConfig.read(json);
    Weights.list(
        weights -> new ClipTextTransformer(config, weights, Submodules.together()), listener);
  }

  /**
   * Works out the memory that a text encoder takes, without reading its weights.
   *
   * @throws CheckpointException if an option is unknown or impossible, or the weights do not fit
   */
  public static Footprint footprint(JsonConfig json, TensorFiles files, ComputeConfig compute) {
    ClipTextConfig config = ClipTextConfig.read(json);
    WeightFootprint weights =
        WeightFootprint.of(
            files,
            Weights.Form.IN_PLACE,
            compute,
            (meta, submodules) -> new ClipTextTransformer(config, meta, submodules));
    // At its peak: four tensors of a token's width, and the feed-forward layer's wide one.
    long token = compute.elementBytes() * (4L * config.width() + config.feedForwardWidth());
    ToLongFunction<Workload> activations =
        workload -> token * workload.videos() * config.maxPositions();
    return new Footprint(weights, activations, activations);
  }

  @Override
  public int width() {
    return config.width();
  }

  @Override
  public int maxTokens() {
    return tokenizer.maxTokens();
  }

  @Override
  public int maxClipSkip() {
    return config.layers();
  }

  /**
   * {@inheritDoc}
   *
   * <p>With {@code clipSkip} k, the output of the last layer but k goes through the final
   * normalisation. At {@link #maxClipSkip()} that is the sum of token and position embeddings.
   *
   * @throws CheckpointException if a token of the text has no embedding
   */
  @Override
  public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
    checkArgument(
        tokens >= 2 && tokens <= maxTokens(),
        "the number of tokens is %s, expected 2 to %s",
        tokens,
        maxTokens());
    List<TokenizedText> tokenized =
        texts.stream().map(text -> tokenizer.tokenize(text, tokens)).toList();
    return new EncodedText(
        forward(tokenized, clipSkip),
        tokenized.stream().map(TokenizedText::truncatedText).toList());
  }

  @Override
  public List<TextToken> tokenize(String text) {
    return tokenizer.tokens(text);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckpointException if a token has no embedding
   */
  @Override
  public Tensor encodeTokens(List<List<Integer>> sequences, int clipSkip) {
    return forward(sequences.stream().map(tokenizer::enclose).toList(), clipSkip);
  }

  @Override
  public Tensor encodeTokens(
      List<List<Integer>> sequences, List<Set<Integer>> hidden, int clipSkip) {
    List<TokenizedText> texts = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      texts.add(tokenizer.enclose(sequences.get(i)).hiding(hidden.get(i)));
    }
    return forward(texts, clipSkip);
  }

  private Tensor forward(List<TokenizedText> texts, int clipSkip) {
    checkArgument(!texts.isEmpty(), "there is no text to encode");
    checkArgument(
        clipSkip >= 0 && clipSkip <= maxClipSkip(),
        "clip skip is %s, expected 0 to %s, the number of the text encoder's layers",
        clipSkip,
        maxClipSkip());
    texts.forEach(this::requireEmbeddings);
    try (ManagedModule<ClipTextTransformer>.Lease lease = network.acquire()) {
      return lease.get().forward(texts, clipSkip, learned);
    }
  }

  /** A vocabulary with gaps can be small enough, and still have ids that are too high. */
  private void requireEmbeddings(TokenizedText text) {
    long highest =
        Arrays.stream(text.ids()).filter(id -> !learned.contains(id)).max().orElseThrow();
    if (highest >= config.vocabularySize()) {
      throw new CheckpointException(
          "The tokenizer gave the id "
              + highest
              + ", but the text encoder's vocab_size is "
              + config.vocabularySize()
              + ". The tokenizer may belong to another model.");
    }
  }

  @Override
  public Hold hold() {
    return network.hold()::close;
  }

  @Override
  public void close() {
    network.close();
  }
}
