package io.t2v.internal.unet3d;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recorded predictions of one denoiser between generations. A generation takes the one of its shape
 * and gives it back at its end, so that it is nobody else's meanwhile; beyond the capacity, the one
 * given back first is closed. Thread-safe.
 */
final class GraphCache implements AutoCloseable {
  private final int capacity;
  private final Map<GraphKey, RecordedPrediction> kept = new LinkedHashMap<>();
  private boolean closed;

  /** capacity: how many are kept; with 0 each is closed with its generation. */
  GraphCache(int capacity) {
    this.capacity = capacity;
  }

  /** Returns null if none is there. */
  synchronized @Nullable RecordedPrediction take(GraphKey key) {
    return kept.remove(key);
  }

  /** The recording is not to be used afterwards. */
  synchronized void giveBack(GraphKey key, RecordedPrediction recording) {
    RecordedPrediction sameShape = kept.remove(key);
    if (sameShape != null) {
      sameShape.close();
    }
    kept.put(key, recording);
    closeBeyond(closed ? 0 : capacity);
  }

  private void closeBeyond(int count) {
    Iterator<RecordedPrediction> oldestFirst = kept.values().iterator();
    while (kept.size() > count) {
      RecordedPrediction oldest = oldestFirst.next();
      oldestFirst.remove();
      oldest.close();
    }
  }

  /** Closes those that are here now; others when they are given back. */
  @Override
  public synchronized void close() {
    closed = true;
    closeBeyond(0);
  }
}
