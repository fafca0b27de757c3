package io.t2v.gpucheck;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** Where something broke, as text: the machine on which it did may be gone when it is read. */
final class StackTraces {
  private StackTraces() {}

  static List<String> lines(Throwable thrown, int most) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString().lines().map(String::strip).limit(most).toList();
  }
}
