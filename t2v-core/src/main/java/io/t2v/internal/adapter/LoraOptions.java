package io.t2v.internal.adapter;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
import io.t2v.internal.io.Printable;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * PEFT's options of a LoRA, from the {@code adapter_config.json} of a folder, or from the note that
 * diffusers leaves in a file. Other options than those named here change what the factors mean:
 * they are refused by name.
 *
 * @param origin for messages
 * @param fields name to value
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA: Low-Rank Adaptation of Large Language
 *     Models</a>
 * @see <a href="https://arxiv.org/abs/2312.03732">A Rank Stabilization Scaling Factor for
 *     Fine-Tuning with LoRA</a>
 */
record LoraOptions(String origin, Map<String, @Nullable Object> fields) {
  private static final String NOTE = "lora_adapter_metadata";

  /** Read here, or without a meaning once the training is over. */
  private static final Set<String> HARMLESS =
      Set.of(
          "peft_type",
          "r",
          "lora_alpha",
          "use_rslora",
          "rank_pattern",
          "alpha_pattern",
          "init_lora_weights",
          "task_type",
          "auto_mapping",
          "peft_version",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "target_modules",
          "exclude_modules",
          "lora_dropout",
          "layers_to_transform",
          "layers_pattern",
          "megatron_config",
          "megatron_core",
          "loftq_config",
          "eva_config",
          "corda_config",
          "lora_ga_config",
          "runtime_config",
          "qalora_group_size",
          "ensure_weight_tying");

  /** Ways to begin that change the base as well. */
  private static final Set<String> CHANGE_THE_BASE = Set.of("olora", "corda", "loftq", "lora_ga");

  LoraOptions {
    requireSupported(origin, fields);
  }

  /** The options in the notes of a file, by the network that its prefix names; null for none. */
  static @Nullable LoraOptions ofNotes(String origin, Map<String, String> notes, String network) {
    String text = notes.get(NOTE);
    if (text == null) {
      return null;
    }
    Map<String, @Nullable Object> own = new LinkedHashMap<>();
    try {
      Json.parseObject(text.getBytes(StandardCharsets.UTF_8), origin + ", " + NOTE)
          .forEach(
              (name, value) -> {
                if (name.startsWith(network + ".")) {
                  own.put(name.substring(network.length() + 1), value);
                }
              });
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage() + ".", e);
    }
    return own.isEmpty() ? null : new LoraOptions(origin + ", " + NOTE, own);
  }

  private static void requireSupported(String origin, Map<String, @Nullable Object> fields) {
    Object type = fields.get("peft_type");
    if (type != null && !type.equals("LORA")) {
      throw refused(origin, "peft_type", type, "LORA");
    }
    Object bias = fields.get("bias");
    if (bias != null && !bias.equals("none")) {
      throw refused(origin, "bias", bias, "none");
    }
    if (fields.get("init_lora_weights") instanceof String start
        && (start.startsWith("pissa") || CHANGE_THE_BASE.contains(start))) {
      throw refused(origin, "init_lora_weights", start, "one that leaves the base as it is");
    }
    fields.forEach(
        (name, value) -> {
          if (!HARMLESS.contains(name) && !name.equals("bias") && !isOff(value)) {
            throw refused(origin, name, value, "it off: this version does not apply it");
          }
        });
  }

  private static boolean isOff(@Nullable Object value) {
    return value == null
        || value.equals(false)
        || (value instanceof Map<?, ?> map && map.isEmpty())
        || (value instanceof Iterable<?> list && !list.iterator().hasNext());
  }

  private static CheckpointException refused(
      String origin, String name, @Nullable Object value, String expected) {
    return new CheckpointException(
        "%s: %s is %s, expected %s."
            .formatted(origin, Printable.of(name), Printable.of(value), expected));
  }

  /**
   * Returns what a layer's product is multiplied by.
   *
   * @param layer name of the layer, which patterns may end with
   * @param rank of its factors
   * @throws CheckpointException if the options name another rank, or no number for alpha
   */
  double strength(String layer, long rank) {
    double expected = number("r", "rank_pattern", layer);
    if (expected != rank) {
      throw new CheckpointException(
          "%s: the rank of %s is %s, but its factors have %s."
              .formatted(origin, Printable.of(layer), expected, rank));
    }
    double alpha = number("lora_alpha", "alpha_pattern", layer);
    return alpha
        / (Boolean.TRUE.equals(fields.get("use_rslora"))
            ? Math.sqrt((double) rank)
            : (double) rank);
  }

  /** A pattern is the end of a layer's name; PEFT's regular expressions are refused. */
  private double number(String name, String pattern, String layer) {
    if (fields.get(pattern) instanceof Map<?, ?> patterns) {
      for (Map.Entry<?, ?> entry : patterns.entrySet()) {
        String end = String.valueOf(entry.getKey());
        if (!end.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '.')) {
          throw refused(origin, pattern, end, "names of layers");
        }
        if (layer.equals(end) || layer.endsWith("." + end)) {
          return finite(pattern, entry.getValue());
        }
      }
    }
    return finite(name, fields.get(name));
  }

  private double finite(String name, @Nullable Object value) {
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw refused(origin, name, value, "a finite number");
  }
}
