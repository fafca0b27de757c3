package io.t2v.cli.keyframes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Evaluates arithmetic such as {@code 3*max_i_f/4} or {@code 0.5+0.5*sin(t/4)}: {@code + - * / %
 * **}, parentheses, variables, and some functions. Precedence is Python's.
 */
final class Expression {
  private static final String FUNCTIONS =
      "abs, sqrt, exp, log, sin, cos, tan, floor, ceil, min, max";

  /** Deeper than any weight; the reader recurses. */
  private static final int MAX_DEPTH = 64;

  private final String text;
  private final Map<String, Double> variables;
  private int at;
  private int depth;

  private Expression(String text, Map<String, Double> variables) {
    this.text = text;
    this.variables = variables;
  }

  /**
   * Evaluates a text.
   *
   * @throws IllegalArgumentException if it is no expression, or its value is not finite
   */
  static double evaluate(String text, Map<String, Double> variables) {
    Expression expression = new Expression(text, variables);
    double value = expression.sum();
    if (expression.peek() != 0) {
      throw expression.unexpected("an operator");
    }
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("'" + text + "' is " + value + " for " + variables);
    }
    return value;
  }

  private double sum() {
    double value = product();
    while (true) {
      if (accept("+")) {
        value += product();
      } else if (accept("-")) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  private double product() {
    double value = signed();
    while (true) {
      if (peek() == '*' && !text.startsWith("**", at) && accept("*")) {
        value *= signed();
      } else if (accept("/")) {
        value /= signed();
      } else if (accept("%")) {
        double divisor = signed();
        value -= divisor * Math.floor(value / divisor);
      } else {
        return value;
      }
    }
  }

  /** All recursion passes here. */
  private double signed() {
    if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "an expression is nested more than " + MAX_DEPTH + " deep at character " + (at + 1));
    }
    double value = accept("-") ? -signed() : accept("+") ? signed() : power();
    depth--;
    return value;
  }

  private double power() {
    double base = operand();
    return accept("**") ? Math.pow(base, signed()) : base;
  }

  private double operand() {
    char next = peek();
    if (accept("(")) {
      double value = sum();
      expect(")");
      return value;
    }
    if (Character.isDigit(next) || next == '.') {
      return number();
    }
    if (Character.isLetter(next) || next == '_') {
      return named(word());
    }
    throw unexpected("a number, a variable or a parenthesis");
  }

  private double number() {
    int start = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    try {
      return Double.parseDouble(text.substring(start, at));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' has the number " + text.substring(start, at), e);
    }
  }

  private String word() {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    return text.substring(start, at);
  }

  private double named(String name) {
    if (accept("(")) {
      List<Double> arguments = new ArrayList<>(List.of(sum()));
      while (accept(",")) {
        arguments.add(sum());
      }
      expect(")");
      return call(name, arguments);
    }
    Double value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "'%s' has the variable %s, expected some of %s"
              .formatted(text, name, new TreeSet<>(variables.keySet())));
    }
    return value;
  }

  private double call(String name, List<Double> arguments) {
    double first = arguments.get(0);
    if (name.equals("min") || name.equals("max")) {
      return arguments.stream()
          .reduce((a, b) -> name.equals("min") ? Math.min(a, b) : Math.max(a, b))
          .orElseThrow();
    }
    if (arguments.size() > 1) {
      throw new IllegalArgumentException(
          "'%s' gives %s numbers to %s, expected 1".formatted(text, arguments.size(), name));
    }
    return switch (name) {
      case "abs" -> Math.abs(first);
      case "sqrt" -> Math.sqrt(first);
      case "exp" -> Math.exp(first);
      case "log" -> Math.log(first);
      case "sin" -> Math.sin(first);
      case "cos" -> Math.cos(first);
      case "tan" -> Math.tan(first);
      case "floor" -> Math.floor(first);
      case "ceil" -> Math.ceil(first);
      default ->
          throw new IllegalArgumentException(
              "'%s' has the function %s, expected some of %s".formatted(text, name, FUNCTIONS));
    };
  }

  /** The next character that is no space; 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean accept(String symbol) {
    peek();
    boolean found = text.startsWith(symbol, at);
    at += found ? symbol.length() : 0;
    return found;
  }

  private void expect(String symbol) {
    if (!accept(symbol)) {
      throw unexpected(symbol);
    }
  }

  private IllegalArgumentException unexpected(String expected) {
    return new IllegalArgumentException(
        "'%s' has %s at character %s, expected %s"
            .formatted(text, peek() == 0 ? "its end" : "'" + peek() + "'", at + 1, expected));
  }
}
