package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads compel's syntax: {@code word+}, {@code word--}, {@code (some words)1.3}, {@code "some
 * words"+}, and {@code ("one", "other").and(...)} or {@code .blend(...)} around whole prompts.
 *
 * <p>What is no weight stays text: outside of brackets, up to the next space. Source of the
 * grammar: {@code prompt_parser.py} of compel 2.4.0. Its {@code .swap}, {@code .attend} and LoRAs
 * are refused.
 */
final class CompelParser {
  private static final double PLUS = 1.1;
  private static final double MINUS = 0.9;
  private static final CharMatcher SPACE = CharMatcher.whitespace();
  private static final CharMatcher SIGNS = CharMatcher.anyOf("()\",.+-=");

  private static final Pattern UNSUPPORTED =
      Pattern.compile("\\.swap\\(|\\.attend\\(|\\b(?:with|use)Lora\\(");
  private static final Pattern COMBINATION =
      Pattern.compile(
          "\\((?<prompts>.*)\\)\\.(?<operator>and|add|blend)\\((?<options>[^()]*)\\)",
          Pattern.DOTALL);
  private static final Pattern QUOTED =
      Pattern.compile("\\s*\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"\\s*(,|$)");
  private static final Pattern WEIGHT = Pattern.compile("\\++|-+|\\d+\\.?\\d*|\\.\\d+");

  /**
   * Prompts that are mixed, and how much the mixture counts.
   *
   * @param prompts at least one, each as pieces of one weight
   * @param shares of the prompts
   * @param weight how far to go from the empty text to the mixture
   */
  record Term(List<List<PromptPart>> prompts, List<Double> shares, double weight) {}

  /** Deeper than any prompt; the reader recurses. */
  private static final int MAX_DEPTH = 64;

  private final String text;
  private int position;
  private int depth;

  private CompelParser(String text) {
    this.text = text;
  }

  /**
   * Reads a prompt.
   *
   * @return what is placed one after the other, at least one
   * @throws IllegalArgumentException if it holds an operator that is not supported, or a
   *     combination is malformed
   */
  static List<Term> parse(String prompt) {
    Matcher unsupported = UNSUPPORTED.matcher(prompt);
    checkArgument(
        !unsupported.find(),
        "the prompt \"%s\" holds compel's .swap, .attend or withLora, expected weights, .and and"
            + " .blend alone",
        prompt);
    String spaced = prompt.replaceAll(",(\\S)", ", $1");
    Matcher combination = COMBINATION.matcher(spaced.strip());
    if (!combination.matches()) {
      return List.of(new Term(List.of(parts(spaced)), List.of(1.0), 1));
    }
    List<List<PromptPart>> prompts = quotedPrompts(combination.group("prompts"), prompt);
    List<String> options = options(combination.group("options"));
    boolean blend = combination.group("operator").equals("blend");
    boolean normalize = !(blend && options.remove("no_normalize"));
    List<Double> numbers = numbers(options, prompts.size(), prompt);
    if (blend) {
      return List.of(new Term(prompts, normalize ? normalized(numbers, prompt) : numbers, 1));
    }
    ImmutableList.Builder<Term> terms = ImmutableList.builder();
    for (int i = 0; i < prompts.size(); i++) {
      terms.add(new Term(List.of(prompts.get(i)), List.of(1.0), numbers.get(i)));
    }
    return terms.build();
  }

  private static List<List<PromptPart>> quotedPrompts(String list, String prompt) {
    Matcher quoted = QUOTED.matcher(list);
    List<List<PromptPart>> prompts = new ArrayList<>();
    int end = 0;
    while (end < list.length() && quoted.find(end) && quoted.start() == end) {
      prompts.add(parts(quoted.group(1).replace("\\\"", "\"")));
      end = quoted.end();
    }
    checkArgument(
        end == list.length() && !prompts.isEmpty(),
        "the prompt \"%s\" combines %s, expected prompts in double quotes with commas between them",
        prompt,
        list);
    return prompts;
  }

  private static List<String> options(String list) {
    List<String> options = new ArrayList<>();
    if (!list.isBlank()) {
      for (String option : list.split(",", -1)) {
        options.add(option.strip());
      }
    }
    return options;
  }

  private static List<Double> numbers(List<String> options, int prompts, String prompt) {
    if (options.isEmpty()) {
      return Collections.nCopies(prompts, 1.0);
    }
    List<Double> numbers = new ArrayList<>();
    for (String option : options) {
      double number;
      try {
        number = Double.parseDouble(option);
      } catch (NumberFormatException e) {
        number = Double.NaN;
      }
      checkArgument(
          Double.isFinite(number),
          "the prompt \"%s\" has the weight %s, expected a number",
          prompt,
          option);
      numbers.add(number);
    }
    checkArgument(
        numbers.size() == prompts,
        "the prompt \"%s\" has %s weights for %s prompts, expected as many, or none",
        prompt,
        numbers.size(),
        prompts);
    return numbers;
  }

  private static List<Double> normalized(List<Double> shares, String prompt) {
    double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
    checkArgument(
        sum != 0, "the weights of .blend in the prompt \"%s\" add up to 0: expected not", prompt);
    return shares.stream().map(share -> share / sum).toList();
  }

  /** Pieces of one weight each; neighbours of equal weight are one piece. */
  private static List<PromptPart> parts(String prompt) {
    List<PromptPart> parts = PromptPart.joined(new CompelParser(prompt).outermost(), " ");
    return parts.isEmpty() ? List.of(PromptPart.of("")) : parts;
  }

  private List<PromptPart> outermost() {
    List<PromptPart> parts = new ArrayList<>();
    while (skipSpace()) {
      int start = position;
      List<PromptPart> weighted = item();
      if (weighted == null) {
        position = indexIn(SPACE, start);
        weighted = List.of(PromptPart.of(unescaped(text.substring(start, position))));
      }
      parts.addAll(weighted);
    }
    return parts;
  }

  /** A group, or a word with its weight; null if there is none here. */
  private @Nullable List<PromptPart> item() {
    if (text.charAt(position) == '(' || text.charAt(position) == '"') {
      return group();
    }
    String word = word();
    String operator = word.isEmpty() ? "" : operator("+-");
    return operator.isEmpty() ? null : List.of(PromptPart.of(word).times(factor(operator)));
  }

  /** What stands in brackets or quotes, with the weight behind it; null if they do not close. */
  private @Nullable List<PromptPart> group() {
    char closing = text.charAt(position++) == '(' ? ')' : '"';
    List<PromptPart> parts = parts(closing);
    if (parts == null) {
      return null;
    }
    position++;
    double factor = factor(operator("+-.0123456789"));
    parts.replaceAll(part -> part.times(factor));
    return parts;
  }

  /** Everything up to a closing sign; null if there is none. */
  private @Nullable List<PromptPart> parts(char closing) {
    checkArgument(
        ++depth <= MAX_DEPTH,
        "the prompt \"%s...\" has brackets that are nested more than %s deep",
        text.substring(0, Math.min(text.length(), 40)),
        MAX_DEPTH);
    List<PromptPart> parts = new ArrayList<>();
    while (skipSpace() && text.charAt(position) != closing) {
      List<PromptPart> inner = within();
      if (inner == null) {
        position = text.length();
      } else {
        parts.addAll(inner);
      }
    }
    depth--;
    return position == text.length() ? null : parts;
  }

  private @Nullable List<PromptPart> within() {
    int start = position;
    List<PromptPart> weighted = item();
    if (weighted != null) {
      return weighted;
    }
    position = start;
    String word = word();
    if (word.isEmpty() && (text.charAt(position) == ',' || text.charAt(position) == '.')) {
      word = text.substring(position, ++position);
    }
    return word.isEmpty() ? null : List.of(PromptPart.of(word));
  }

  /** Characters that are no signs; plus and minus between two of them, and escaped signs, count. */
  private String word() {
    int start = position;
    while (position < text.length() && !SPACE.matches(text.charAt(position))) {
      char sign = text.charAt(position);
      if (sign == '\\' && position + 1 < text.length()) {
        position += 2;
      } else if (!SIGNS.matches(sign) || ((sign == '+' || sign == '-') && isInWord(position + 1))) {
        position++;
      } else {
        break;
      }
    }
    return unescaped(text.substring(start, position));
  }

  private boolean isInWord(int index) {
    return index < text.length()
        && !SPACE.matches(text.charAt(index))
        && !SIGNS.matches(text.charAt(index));
  }

  /** The weight at this place; empty for none, or for one that begins with another character. */
  private String operator(String beginnings) {
    Matcher weight = WEIGHT.matcher(text).region(position, text.length());
    if (!weight.lookingAt() || beginnings.indexOf(text.charAt(position)) < 0) {
      return "";
    }
    position = weight.end();
    return weight.group();
  }

  private static double factor(String operator) {
    if (operator.isEmpty()) {
      return 1;
    }
    return switch (operator.charAt(0)) {
      case '+' -> Math.pow(PLUS, operator.length());
      case '-' -> Math.pow(MINUS, operator.length());
      default -> Double.parseDouble(operator);
    };
  }

  private static String unescaped(String word) {
    return word.replaceAll("\\\\([()\",.+=-])", "$1");
  }

  private boolean skipSpace() {
    position = indexIn(SPACE.negate(), position);
    return position < text.length();
  }

  private int indexIn(CharMatcher wanted, int from) {
    int index = wanted.indexIn(text, from);
    return index < 0 ? text.length() : index;
  }
}
