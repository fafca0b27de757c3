package io.t2v.internal.adapter;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an adapter's tensor, taken apart. Each trainer has put another suffix behind the name
 * of the layer: {@code to_q.lora_A.weight}, {@code to_q.lora.down.weight}, {@code
 * processor.to_q_lora.down.weight}, {@code q_proj.lora_linear_layer.down.weight}, {@code
 * to_q.lora_down.weight}, {@code to_q.lora_A}.
 *
 * @param style whose suffix it is
 * @param layer what stands before the suffix
 * @param role what the tensor is
 * @param embedding whether the suffix says that the layer is an embedding
 */
record AdapterKey(AdapterStyle style, String layer, Role role, boolean embedding) {
  /** What a tensor is to its layer. */
  enum Role {
    /** The factor that is applied first, from the layer's input to the rank. */
    DOWN,
    /** The factor from the rank to the layer's output. */
    UP,
    /** A number: the product is multiplied by it, and divided by the rank. */
    ALPHA
  }

  /** A suffix; its first group is the layer, its second one, if there is one, tells the factor. */
  private record Suffix(AdapterStyle style, Pattern pattern, boolean embedding) {
    Suffix(AdapterStyle style, String suffix) {
      this(style, Pattern.compile("(.+?)" + suffix), false);
    }
  }

  private static final List<Suffix> SUFFIXES =
      List.of(
          new Suffix(AdapterStyle.PEFT, "\\.lora_([AB])(?:\\.[^.]+)?\\.weight"),
          new Suffix(
              AdapterStyle.PEFT,
              Pattern.compile("(.+)\\.lora_embedding_([AB])(?:\\.[^.]+)?"),
              true),
          new Suffix(AdapterStyle.KOHYA, "\\.lora_(down|up)\\.weight"),
          new Suffix(
              AdapterStyle.DIFFUSERS,
              "(?:\\.lora|_lora|\\.lora_linear_layer|)\\.(down|up)\\.weight"),
          new Suffix(AdapterStyle.STABLE_LORA, "\\.lora_([AB])"));

  private static final String ALPHA = ".alpha";

  /** What other kinds of adapters have in their names, and what these are. */
  private static final Map<Pattern, String> OTHERS =
      Map.of(
          Pattern.compile(".*(lora_magnitude_vector|dora_scale).*"), "magnitudes of DoRA",
          Pattern.compile(".*\\bhada_[wt]\\d.*"), "factors of LoHa",
          Pattern.compile(".*\\blokr_[wt]\\d.*"), "factors of LoKr",
          Pattern.compile(".*\\blora_mid\\b.*"), "third factors of LoCon",
          Pattern.compile(".*\\b(oft_(blocks|diag|[rR])|boft_[rRs])\\b.*"), "rotations of OFT",
          Pattern.compile(".*\\bia3_\\w.*"), "vectors of IA3",
          Pattern.compile(".*\\bmodules_to_save\\b.*"), "whole layers (modules_to_save)",
          Pattern.compile(".*\\.(diff|diff_b)"), "differences of whole weights",
          Pattern.compile(".*\\.bias"), "biases");

  /** Returns what a tensor is that no LoRA of two factors has; empty for all others. */
  static Optional<String> otherKind(String name) {
    return OTHERS.entrySet().stream()
        .filter(other -> other.getKey().matcher(name).matches())
        .map(Map.Entry::getValue)
        .sorted()
        .findFirst();
  }

  /** Takes a name apart; empty if it has no known suffix. */
  static Optional<AdapterKey> parse(String name) {
    if (name.endsWith(ALPHA)) {
      String layer = name.substring(0, name.length() - ALPHA.length());
      return Optional.of(new AdapterKey(AdapterStyle.KOHYA, layer, Role.ALPHA, false));
    }
    for (Suffix suffix : SUFFIXES) {
      Matcher matcher = suffix.pattern().matcher(name);
      if (matcher.matches()) {
        return Optional.of(
            new AdapterKey(
                suffix.style(), matcher.group(1), role(matcher.group(2)), suffix.embedding()));
      }
    }
    return Optional.empty();
  }

  private static Role role(@Nullable String factor) {
    String lower = String.valueOf(factor).toLowerCase(Locale.ROOT);
    return lower.equals("a") || lower.equals("down") ? Role.DOWN : Role.UP;
  }
}
