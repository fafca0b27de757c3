package io.t2v.internal.nn;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * An event of the Java Flight Recorder for each use of a layer, from which {@code benchmark
 * --profile} makes its table.
 *
 * <p>Unless a recording asks for {@value #NAME}, an event is never written and costs some
 * nanoseconds, where the shortest layer takes some microseconds. Events nest: a layer's own time is
 * its duration less that of the layers within it. On a GPU a duration is that of starting the work.
 */
@Name(LayerEvent.NAME)
@Label("Layer")
@Category("Text to video")
@Enabled(false)
@StackTrace(false)
public final class LayerEvent extends Event implements AutoCloseable {
  static final String NAME = "io.t2v.Layer";

  @Label("Kind")
  String kind = "";

  @Label("Floating point operations")
  long flop;

  private LayerEvent() {}

  /** Begins an event, which ends when it is closed. */
  public static LayerEvent begin(LayerKind kind) {
    LayerEvent event = new LayerEvent();
    if (event.isEnabled()) {
      event.kind = kind.toString();
      event.begin();
    }
    return event;
  }

  /**
   * Notes how much a product computes.
   *
   * @param outputs numbers that come out
   * @param terms of the sum that each of them is
   */
  LayerEvent withProduct(long outputs, long terms) {
    flop = 2 * outputs * terms;
    return this;
  }

  @Override
  public void close() {
    commit();
  }
}
