package io.t2v.internal.clip;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.nn.Activation;
import java.util.Map;
import java.util.Set;

/**
 * The options of a {@code CLIPTextModel}, by the reference's names and with its defaults.
 *
 * @param vocabularySize number of token embeddings
 * @param width of a token and of the embeddings
 * @param feedForwardWidth width inside a feed-forward layer
 * @param layers number of transformer layers
 * @param heads of each attention
 * @param maxPositions number of position embeddings
 * @param activation of the feed-forward layers
 * @param normEpsilon of every normalisation
 * @param masksPadding whether attention ignores padding
 */
record ClipTextConfig(
    int vocabularySize,
    int width,
    int feedForwardWidth,
    int layers,
    int heads,
    int maxPositions,
    Activation activation,
    double normEpsilon,
    boolean masksPadding) {
  private static final String MODEL_TYPE = "clip_text_model";

  /**
   * Options of training, of the pooled output, which is not used here (the projection and the ids
   * of special tokens serve it alone), and of the file's origin.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "architectures",
          "attention_dropout",
          "bos_token_id",
          "dropout",
          "dtype",
          "eos_token_id",
          "initializer_factor",
          "initializer_range",
          "pad_token_id",
          "projection_dim",
          "torch_dtype",
          "transformers_version");

  /**
   * Options that older versions of transformers wrote for every model: the form of Python's
   * results, text generation, classification.
   */
  private static final Set<String> COMMON_WITHOUT_EFFECT =
      Set.of(
          "bad_words_ids",
          "begin_suppress_tokens",
          "chunk_size_feed_forward",
          "decoder_start_token_id",
          "diversity_penalty",
          "do_sample",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "finetuning_task",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "id2label",
          "label2id",
          "length_penalty",
          "max_length",
          "min_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "prefix",
          "problem_type",
          "remove_invalid_values",
          "repetition_penalty",
          "return_dict",
          "return_dict_in_generate",
          "sep_token_id",
          "suppress_tokens",
          "task_specific_params",
          "temperature",
          "tf_legacy_loss",
          "tie_encoder_decoder",
          "tie_word_embeddings",
          "tokenizer_class",
          "top_k",
          "top_p",
          "torchscript",
          "typical_p",
          "use_cache");

  /**
   * Reads and checks the options.
   *
   * @throws CheckpointException if an option is of the wrong type, contradicts another, or is
   *     unknown
   */
  static ClipTextConfig read(JsonConfig json) {
    if (!json.text("model_type", MODEL_TYPE).equals(MODEL_TYPE)) {
      throw json.unexpected("model_type", MODEL_TYPE + ": the text half of CLIP on its own");
    }
    if (json.raw("pruned_heads") instanceof Map<?, ?> pruned && !pruned.isEmpty()) {
      throw json.unexpected("pruned_heads", "none");
    }
    ClipTextConfig config =
        new ClipTextConfig(
            json.positive("vocab_size", 49_408),
            json.positive("hidden_size", 512),
            json.positive("intermediate_size", 2048),
            json.positive("num_hidden_layers", 12),
            json.positive("num_attention_heads", 8),
            json.positive("max_position_embeddings", 77),
            Activation.read(json, "hidden_act", "quick_gelu"),
            json.number("layer_norm_eps", 1e-5),
            json.has("use_attention_mask") && json.flag("use_attention_mask", false));
    if (config.width % config.heads != 0) {
      throw json.unexpected("hidden_size", "a multiple of num_attention_heads = " + config.heads);
    }
    json.ignore(WITHOUT_EFFECT);
    json.ignore(COMMON_WITHOUT_EFFECT);
    json.requireAllRead();
    return config;
  }

  /**
   * Checks that the network has an embedding for every position and every id of the tokenizer.
   *
   * @throws CheckpointException if it does not
   */
  void requireFits(ClipTokenizer tokenizer, JsonConfig json) {
    if (tokenizer.maxTokens() > maxPositions) {
      throw new CheckpointException(
          json.origin()
              + ": max_position_embeddings is "
              + maxPositions
              + ", but the tokenizer's model_max_length is "
              + tokenizer.maxTokens()
              + ". The tokenizer may belong to another model.");
    }
    if (tokenizer.vocabularySize() > vocabularySize) {
      throw new CheckpointException(
          json.origin()
              + ": vocab_size is "
              + vocabularySize
              + ", but the tokenizer has "
              + tokenizer.vocabularySize()
              + " tokens. The tokenizer may belong to another model.");
    }
  }

  int headDim() {
    return width / heads;
  }
}
