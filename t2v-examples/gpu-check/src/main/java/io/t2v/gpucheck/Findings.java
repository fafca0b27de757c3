package io.t2v.gpucheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what one check finds. */
public final class Findings {
  private final Map<String, @Nullable Object> figures = new LinkedHashMap<>();
  private final List<Bar> bars = new ArrayList<>();

  /** Makes an empty collection. */
  public Findings() {}

  /**
   * Notes a figure.
   *
   * @param name of the figure
   * @param value a number, text, truth value, or lists and maps of them; null if it is not known
   */
  public void figure(String name, @Nullable Object value) {
    figures.put(name, value);
  }

  /**
   * Holds a value against an upper bound. A value that is not a number does not hold.
   *
   * @param what the value is
   * @param value measured
   * @param limit that it may reach
   */
  public void atMost(String what, double value, double limit) {
    bars.add(Bar.atMost(what, value, limit));
  }

  /**
   * Holds a value against a lower bound. A value that is not a number does not hold.
   *
   * @param what the value is
   * @param value measured
   * @param limit that it must reach
   */
  public void atLeast(String what, double value, double limit) {
    bars.add(Bar.atLeast(what, value, limit));
  }

  /**
   * Notes a bar that is not held against anything here.
   *
   * @param what would be measured
   * @param why it is not
   */
  public void unheld(String what, String why) {
    bars.add(Bar.unheld(what, why));
  }

  Map<String, @Nullable Object> figures() {
    return figures;
  }

  List<Bar> bars() {
    return bars;
  }
}
