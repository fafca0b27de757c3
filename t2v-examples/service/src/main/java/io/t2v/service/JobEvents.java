package io.t2v.service;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * What happens to a job, for those who watch. Of each kind of event the latest is kept, so a
 * watcher who comes late, or again, has the whole picture at once, and one who is slow misses only
 * what is out of date. Thread-safe.
 */
final class JobEvents {
  /** Kinds of events, in the order in which they are told. */
  enum Kind {
    /** How far the job is. */
    PROGRESS,
    /** What has come of the video so far. */
    PREVIEW,
    /** There is a video. */
    COMPLETED,
    /** There will be none. */
    FAILED;

    boolean isLast() {
      return this == COMPLETED || this == FAILED;
    }
  }

  /**
   * An event.
   *
   * @param id grows with every event of a job, also beyond a restart
   * @param kind of event
   * @param data to be written as JSON
   */
  record Event(long id, Kind kind, Object data) {}

  private final Map<Kind, Event> latest = new EnumMap<>(Kind.class);
  private final Set<Runnable> watchers = new CopyOnWriteArraySet<>();
  private long lastId;

  /**
   * Starts.
   *
   * @param now milliseconds since 1970, which makes ids larger than those of an earlier process
   */
  JobEvents(long now) {
    lastId = now;
  }

  /** Tells all watchers. Does not wait for them. */
  void publish(Kind kind, Object data) {
    synchronized (this) {
      latest.put(kind, new Event(++lastId, kind, data));
      if (kind.isLast()) {
        latest.remove(Kind.PREVIEW);
      }
    }
    watchers.forEach(Runnable::run);
  }

  /** The latest events of each kind after one that is known already, in their order. */
  synchronized List<Event> after(long id) {
    List<Event> events = new ArrayList<>(latest.values());
    events.removeIf(event -> event.id() <= id);
    events.sort(Comparator.comparingLong(Event::id));
    return events;
  }

  /** Calls back after each event; the callback must not wait. */
  void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }
}
