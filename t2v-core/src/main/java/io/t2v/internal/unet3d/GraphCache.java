package io.t2v.internal.unet3d;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
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
    List<RecordedPrediction> removed = new ArrayList<>();
    RecordedPrediction sameShape = kept.remove(key);
    if (sameShape != null) {
      removed.add(sameShape);
    }
    kept.put(key, recording);
    removed.addAll(removeBeyond(closed ? 0 : capacity));
    closeAll(removed.iterator());
  }

  private List<RecordedPrediction> removeBeyond(int count) {
    List<RecordedPrediction> removed = new ArrayList<>();
    Iterator<RecordedPrediction> oldestFirst = kept.values().iterator();
    while (kept.size() > count) {
      removed.add(oldestFirst.next());
      oldestFirst.remove();
    }
    return removed;
  }

  /** Closes all, even if closing one of them fails. */
  private static void closeAll(Iterator<RecordedPrediction> recordings) {
    if (recordings.hasNext()) {
      try (RecordedPrediction recording = recordings.next()) {
        closeAll(recordings);
      }
    }
  }

  /** Closes those that are here now; others when they are given back. */
  @Override
  public synchronized void close() {
    closed = true;
    closeAll(removeBeyond(0).iterator());
  }
}
