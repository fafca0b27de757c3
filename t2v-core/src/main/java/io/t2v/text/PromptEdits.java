package io.t2v.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A prompt whose text changes from step to step: {@code [before:after:when]}, {@code [after:when]},
 * {@code [before::when]} and {@code [one|other]}. Square brackets that are none of these, and all
 * round ones, stay in the text, with whatever changes within them.
 *
 * <p>Source of the rules: {@code prompt_parser.py} of AUTOMATIC1111's stable-diffusion-webui. It
 * differs in one point: a bar outside of square brackets is text here; there it ends all editing.
 */
final class PromptEdits {
  private static final Pattern NUMBER =
      Pattern.compile("\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*");

  /** Deeper than any prompt; the reader recurses. */
  private static final int MAX_DEPTH = 64;

  private static final String SIGNS = "()[]:|";

  /** A piece of a prompt. */
  private interface Part {
    /** Appends what the piece is until the end of a stretch of steps. */
    void appendTo(StringBuilder text, int end, int steps);

    /** Adds the steps at which the piece changes. */
    default void addEnds(NavigableSet<Integer> ends, int steps) {}
  }

  private record Text(String text) implements Part {
    @Override
    public void appendTo(StringBuilder all, int end, int steps) {
      all.append(text);
    }
  }

  private record Group(List<Part> parts) implements Part {
    @Override
    public void appendTo(StringBuilder text, int end, int steps) {
      parts.forEach(part -> part.appendTo(text, end, steps));
    }

    @Override
    public void addEnds(NavigableSet<Integer> ends, int steps) {
      parts.forEach(part -> part.addEnds(ends, steps));
    }
  }

  private record Edit(Part before, Part after, double when) implements Part {
    private int lastStepBefore(int steps) {
      return (int) Math.min(steps, when < 1 ? when * steps : when);
    }

    @Override
    public void appendTo(StringBuilder text, int end, int steps) {
      (end <= lastStepBefore(steps) ? before : after).appendTo(text, end, steps);
    }

    @Override
    public void addEnds(NavigableSet<Integer> ends, int steps) {
      ends.add(lastStepBefore(steps));
      before.addEnds(ends, steps);
      after.addEnds(ends, steps);
    }
  }

  private record Alternation(List<Part> options) implements Part {
    @Override
    public void appendTo(StringBuilder text, int end, int steps) {
      options.get(Math.floorMod(end - 1, options.size())).appendTo(text, end, steps);
    }

    @Override
    public void addEnds(NavigableSet<Integer> ends, int steps) {
      IntStream.rangeClosed(1, steps).forEach(ends::add);
      options.forEach(option -> option.addEnds(ends, steps));
    }
  }

  private final String prompt;
  private int position;

  private PromptEdits(String prompt) {
    this.prompt = prompt;
  }

  /**
   * Reads a prompt.
   *
   * @param steps of the run, at least 1
   * @return the text of each step
   * @throws IllegalArgumentException if brackets are nested too deeply
   */
  static List<String> textOfEachStep(String prompt, int steps) {
    Part all = new PromptEdits(prompt).parse();
    NavigableSet<Integer> ends = new TreeSet<>(List.of(steps));
    all.addEnds(ends, steps);
    List<String> texts = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      int end = ends.tailSet(step, true).first();
      StringBuilder text = new StringBuilder();
      all.appendTo(text, end, steps);
      texts.add(text.toString());
    }
    return texts;
  }

  private Part parse() {
    List<Part> parts = new ArrayList<>();
    while (position < prompt.length()) {
      int start = position;
      Part part = item(0);
      if (part == null) {
        // a sign that is no part of a group
        position = start + 1;
        part = new Text(prompt.substring(start, position));
      }
      parts.add(part);
    }
    return new Group(parts);
  }

  /** Everything up to a sign that ends it, or null if a bracket in between is not closed. */
  private @Nullable Part sequence(int depth) {
    List<Part> parts = new ArrayList<>();
    while (position < prompt.length() && ")]:|".indexOf(prompt.charAt(position)) < 0) {
      Part part = item(depth);
      if (part == null) {
        return null;
      }
      parts.add(part);
    }
    return new Group(parts);
  }

  /** A group in brackets, or text up to the next sign; null if there is none. */
  private @Nullable Part item(int depth) {
    return switch (prompt.charAt(position)) {
      case '(' -> round(depth + 1);
      case '[' -> square(depth + 1);
      default -> text();
    };
  }

  private @Nullable Part text() {
    int start = position;
    while (position < prompt.length() && SIGNS.indexOf(prompt.charAt(position)) < 0) {
      position += prompt.charAt(position) == '\\' ? 2 : 1;
    }
    position = Math.min(position, prompt.length());
    return position == start ? null : new Text(prompt.substring(start, position));
  }

  private @Nullable Part round(int depth) {
    Brackets brackets = brackets(')', depth);
    if (brackets == null || brackets.parts.size() > 2 || brackets.separator == '|') {
      return null;
    }
    return new Group(
        ImmutableList.<Part>builder()
            .add(new Text("("))
            .add(brackets.parts.get(0))
            .addAll(
                brackets.parts.size() == 1 ? List.of() : List.of(new Text(":"), brackets.last()))
            .add(new Text(")"))
            .build());
  }

  private @Nullable Part square(int depth) {
    Brackets brackets = brackets(']', depth);
    if (brackets == null) {
      return null;
    }
    List<Part> parts = brackets.parts;
    if (parts.size() == 1) {
      return new Group(List.of(new Text("["), parts.get(0), new Text("]")));
    }
    if (brackets.separator == '|') {
      return new Alternation(parts);
    }
    if (parts.size() > 3 || !NUMBER.matcher(brackets.lastText).matches()) {
      return null;
    }
    Part before = parts.size() == 3 ? parts.get(0) : new Group(List.of());
    double when = Double.parseDouble(brackets.lastText.strip());
    return new Edit(before, parts.get(parts.size() - 2), when);
  }

  /**
   * What stands between brackets.
   *
   * @param parts at least one
   * @param separator what stands between the parts, a colon or a bar
   * @param lastText the last part as it is written
   */
  private record Brackets(List<Part> parts, char separator, String lastText) {
    Part last() {
      return parts.get(parts.size() - 1);
    }
  }

  /** From an opening bracket to its closing one; null if there are others in between. */
  private @Nullable Brackets brackets(char closing, int depth) {
    checkArgument(
        depth <= MAX_DEPTH,
        "the prompt \"%s...\" has brackets that are nested more than %s deep",
        prompt.substring(0, Math.min(prompt.length(), 40)),
        MAX_DEPTH);
    List<Part> parts = new ArrayList<>();
    char separator = ':';
    while (true) {
      int start = ++position;
      Part part = sequence(depth);
      if (part == null || position == prompt.length()) {
        return null;
      }
      parts.add(part);
      char sign = prompt.charAt(position);
      if (sign == closing) {
        return new Brackets(parts, separator, prompt.substring(start, position++));
      }
      if (parts.size() == 1) {
        separator = sign;
      }
      if (sign != separator || (sign != ':' && sign != '|')) {
        return null;
      }
    }
  }
}
