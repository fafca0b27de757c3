package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.io.Printable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads weights from round and square brackets. An opening bracket remembers how many parts there
 * were before it; what closes it multiplies the weights of the parts since then.
 *
 * <p>Source of the grammar: {@code prompt_parser.py} of AUTOMATIC1111's stable-diffusion-webui. It
 * differs in one point: {@code BREAK} within brackets starts a chunk here, too.
 */
final class A1111Parser {
  private static final double BRACKET = 1.1;

  /** Each part is multiplied by what each bracket around it says. */
  private static final int MAX_DEPTH = 64;

  /** An escape, a weight with its closing bracket, a bracket or a colon, or content. */
  private static final Pattern SYMBOL =
      Pattern.compile(
          "\\\\(?<escaped>[()\\[\\]\\\\]?)"
              + "|:\\s*(?<weight>[+-]?[.\\d]+)\\s*\\)"
              + "|(?<sign>[()\\[\\]:])"
              + "|(?<content>[^\\\\()\\[\\]:]+)");

  private static final Pattern BREAK = Pattern.compile("\\s*\\bBREAK\\b\\s*");

  private final List<PromptPart> parts = new ArrayList<>();
  private final Deque<Integer> round = new ArrayDeque<>();
  private final Deque<Integer> square = new ArrayDeque<>();
  private final String prompt;

  private A1111Parser(String prompt) {
    this.prompt = prompt;
  }

  /**
   * Cuts a prompt into pieces of one weight each.
   *
   * @throws IllegalArgumentException if a weight is no number, or brackets are nested too deeply
   */
  static List<PromptPart> parse(String prompt) {
    return new A1111Parser(prompt).parse();
  }

  private List<PromptPart> parse() {
    Matcher symbols = SYMBOL.matcher(prompt);
    while (symbols.find()) {
      @Nullable String escaped = symbols.group("escaped");
      @Nullable String weight = symbols.group("weight");
      @Nullable String sign = symbols.group("sign");
      if (escaped != null) {
        parts.add(PromptPart.of(escaped));
      } else if (weight != null && !round.isEmpty()) {
        multiplySince(round.pop(), number(weight));
      } else if (sign == null || !isBracket(sign)) {
        content(symbols.group());
      }
    }
    round.forEach(start -> multiplySince(start, BRACKET));
    square.forEach(start -> multiplySince(start, 1 / BRACKET));
    return PromptPart.joined(parts, "");
  }

  /** Opens or closes a bracket, and returns false if the sign is content. */
  private boolean isBracket(String sign) {
    switch (sign) {
      case "(" -> open(round);
      case "[" -> open(square);
      case ")" -> {
        return close(round, BRACKET);
      }
      case "]" -> {
        return close(square, 1 / BRACKET);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void open(Deque<Integer> open) {
    checkArgument(
        open.size() < MAX_DEPTH,
        "the prompt \"%s...\" has brackets that are nested more than %s deep: close them, or write"
            + " \\( and \\[ for brackets that belong to the text",
        Printable.of(prompt.substring(0, Math.min(40, prompt.length()))),
        MAX_DEPTH);
    open.push(parts.size());
  }

  private boolean close(Deque<Integer> open, double factor) {
    @Nullable Integer start = open.poll();
    if (start == null) {
      return false;
    }
    multiplySince(start, factor);
    return true;
  }

  private void multiplySince(int start, double factor) {
    parts.subList(start, parts.size()).replaceAll(part -> part.times(factor));
  }

  private void content(String text) {
    boolean afterBreak = false;
    for (String piece : BREAK.split(text, -1)) {
      parts.add(new PromptPart(piece, 1, afterBreak));
      afterBreak = true;
    }
  }

  private double number(String weight) {
    double value;
    try {
      value = Double.parseDouble(weight);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    checkArgument(
        Double.isFinite(value),
        "the weight %s in the prompt \"%s\" is no number: expected one such as 1.3, or \\( and \\)"
            + " for brackets that belong to the text",
        weight,
        prompt);
    return value;
  }
}
