package io.t2v.service;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter.SseEventBuilder;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes jobs' events to those who watch, on threads of its own: a client that does not read holds
 * up its own stream, and no job. Thread-safe.
 */
@Component
final class EventStreams implements SmartLifecycle {
  private static final int MAX_STREAMS = 64;
  private static final long RETRY_MILLIS = 3000;
  private static final long FULL_RETRY_SECONDS = 10;

  private final JsonMapper json;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "event-stream");
            thread.setDaemon(true);
            return thread;
          });
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean started;

  EventStreams(JsonMapper json) {
    this.json = json;
  }

  /**
   * Starts a stream, which ends with the job.
   *
   * @param lastId of the events that the client knows
   */
  SseEmitter open(JobEvents events, long lastId) {
    if (!started || streams.size() >= MAX_STREAMS) {
      throw ApiException.later(
          HttpStatus.SERVICE_UNAVAILABLE,
          "too_many_streams",
          "Too many clients watch jobs: poll the video instead.",
          FULL_RETRY_SECONDS);
    }
    Stream stream = new Stream(events, lastId);
    streams.add(stream);
    events.watch(stream);
    stream.run();
    return stream.emitter;
  }

  /** Comments keep proxies from closing idle connections, and find clients that have gone. */
  @Scheduled(fixedRate = 15, timeUnit = TimeUnit.SECONDS)
  void heartbeat() {
    streams.forEach(stream -> threads.execute(() -> stream.send(SseEmitter.event().comment(""))));
  }

  @Override
  public void start() {
    started = true;
  }

  /** Ends all streams, which the web server would wait for. */
  @Override
  public void stop() {
    started = false;
    streams.forEach(Stream::close);
  }

  @Override
  public boolean isRunning() {
    return started;
  }

  /** Behind the jobs, whose ends are still told. */
  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE - 1;
  }

  /** Called back when there are events; writes them on another thread. */
  private final class Stream implements Runnable {
    private final SseEmitter emitter = new SseEmitter(0L);
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final JobEvents events;
    private long lastId;
    private boolean greeted;
    private volatile boolean closed;

    Stream(JobEvents events, long lastId) {
      this.events = events;
      this.lastId = lastId;
      emitter.onCompletion(this::forget);
      emitter.onTimeout(this::forget);
      emitter.onError(error -> forget());
    }

    private void forget() {
      closed = true;
      events.unwatch(this);
      streams.remove(this);
    }

    void close() {
      forget();
      emitter.complete();
    }

    @Override
    public void run() {
      if (!closed && scheduled.compareAndSet(false, true)) {
        threads.execute(this::write);
      }
    }

    private synchronized void write() {
      scheduled.set(false);
      if (!greeted) {
        greeted = true;
        send(SseEmitter.event().reconnectTime(RETRY_MILLIS));
      }
      for (JobEvents.Event event : events.after(lastId)) {
        send(
            SseEmitter.event()
                .id(Long.toString(event.id()))
                .name(event.kind().name().toLowerCase(Locale.ROOT))
                .data(json.writeValueAsString(event.data()), MediaType.TEXT_PLAIN));
        lastId = event.id();
        if (event.kind().isLast()) {
          close();
          return;
        }
      }
    }

    private synchronized void send(SseEventBuilder event) {
      if (closed) {
        return;
      }
      try {
        emitter.send(event);
      } catch (IOException | IllegalStateException e) {
        // The client has gone, or the stream has ended meanwhile.
        forget();
      }
    }
  }
}
