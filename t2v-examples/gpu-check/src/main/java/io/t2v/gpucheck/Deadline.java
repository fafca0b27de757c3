package io.t2v.gpucheck;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of the time for checks.
 *
 * @param nanos on the JVM's clock; null for no end
 */
record Deadline(@Nullable Long nanos) {
  static Deadline none() {
    return new Deadline(null);
  }

  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  boolean isOver() {
    return nanos != null && System.nanoTime() - nanos >= 0;
  }
}
