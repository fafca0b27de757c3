package io.t2v.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a terminal shows after some output: a model of as much of ECMA-48 as programs use that draw
 * over a line. Lines never scroll out of it.
 */
final class TerminalScreen {
  private static final Pattern SEQUENCE = Pattern.compile("\u001b\\[([\\d;]*)([A-Za-z])");

  private final int columns;
  private final List<StringBuilder> rows = new ArrayList<>();
  private int row;
  private int column;

  private TerminalScreen(int columns) {
    this.columns = columns;
    rows.add(new StringBuilder());
  }

  /** Interprets output. */
  static TerminalScreen after(String output, int columns) {
    TerminalScreen screen = new TerminalScreen(columns);
    Matcher sequence = SEQUENCE.matcher(output);
    int at = 0;
    while (at < output.length()) {
      if (output.charAt(at) == '\u001b') {
        if (!sequence.find(at) || sequence.start() != at) {
          throw new IllegalArgumentException("unknown sequence at " + at);
        }
        screen.control(sequence.group(1), sequence.group(2).charAt(0));
        at = sequence.end();
      } else {
        screen.put(output.charAt(at++));
      }
    }
    return screen;
  }

  private void control(String number, char command) {
    switch (command) {
      case 'K' -> rows.get(row).setLength(Math.min(column, rows.get(row).length()));
      case 'A' -> row = Math.max(0, row - (number.isEmpty() ? 1 : Integer.parseInt(number)));
      case 'm' -> {} // colors
      default -> throw new IllegalArgumentException("unknown sequence " + number + command);
    }
  }

  private void put(char character) {
    switch (character) {
      case '\r' -> column = 0;
      case '\n' -> {
        // A terminal's driver returns to the first column as well.
        column = 0;
        nextRow();
      }
      default -> {
        if (column == columns) {
          column = 0;
          nextRow();
        }
        StringBuilder text = rows.get(row);
        while (text.length() <= column) {
          text.append(' ');
        }
        text.setCharAt(column++, character);
      }
    }
  }

  private void nextRow() {
    row++;
    if (row == rows.size()) {
      rows.add(new StringBuilder());
    }
  }

  /** The lines, without blanks at their ends and without empty lines at the end of all. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    rows.forEach(text -> lines.add(text.toString().stripTrailing()));
    while (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  /** The column in which the next character is written. */
  int column() {
    return column;
  }
}
