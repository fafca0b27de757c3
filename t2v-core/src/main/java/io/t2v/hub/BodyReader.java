package io.t2v.hub;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer while it arrives. Unlike the stream that the JDK's client offers, it gives
 * up when nothing arrives for long, and notices within a tenth of a second that the download was
 * cancelled. Used by one thread.
 */
final class BodyReader implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private static final Event END = new Event(List.of(), true, null);

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> arrived = new ArrayDeque<>();
  private final Duration silence;
  private final Cancellation cancellation;
  private volatile Flow.@Nullable Subscription subscription;

  private record Event(List<ByteBuffer> buffers, boolean last, @Nullable Throwable failure) {}

  BodyReader(Duration silence, Cancellation cancellation) {
    this.silence = silence;
    this.cancellation = cancellation;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Event(buffers, false, null));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new Event(List.of(), true, failure));
  }

  @Override
  public void onComplete() {
    events.add(END);
  }

  /** Waits for bytes; empty at the end. */
  Optional<ByteBuffer> next() throws IOException {
    while (arrived.isEmpty()) {
      Event event = await();
      if (event.failure != null) {
        throw new IOException(event.failure.getMessage(), event.failure);
      }
      if (event.last) {
        events.add(END);
        return Optional.empty();
      }
      event.buffers.stream().filter(ByteBuffer::hasRemaining).forEach(arrived::add);
      requireNonNull(subscription).request(1);
    }
    return Optional.of(arrived.remove());
  }

  private Event await() throws IOException {
    Duration waited = Duration.ZERO;
    try {
      while (true) {
        cancellation.check();
        Event event = events.poll(Cancellation.SLICE.toMillis(), TimeUnit.MILLISECONDS);
        if (event != null) {
          return event;
        }
        waited = waited.plus(Cancellation.SLICE);
        if (waited.compareTo(silence) >= 0) {
          throw new IOException("nothing arrived for " + silence.toSeconds() + " s");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancellation.interrupted();
    }
  }

  /** Reads what is left of a small body. */
  byte[] readAll(int most) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Optional<ByteBuffer> next = next();
    while (next.isPresent()) {
      byte[] bytes = new byte[next.get().remaining()];
      next.get().get(bytes);
      all.write(bytes);
      if (all.size() > most) {
        throw new HubException("The hub's answer is longer than " + most + " bytes.");
      }
      next = next();
    }
    return all.toByteArray();
  }

  /** Ends the connection if the body is not read to its end. */
  @Override
  public void close() {
    Flow.Subscription ended = subscription;
    if (ended != null) {
      ended.cancel();
    }
  }
}
