package io.t2v.hub;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response while it arrives. Unlike the stream that the JDK's client offers, it gives
 * up on a connection that is too slow, and ends within a tenth of a second if the download is
 * cancelled. Read by one thread.
 */
final class ResponseBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private static final Event END = new Event(List.of(), true, null);

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> arrived = new ArrayDeque<>();
  private final StallDetector stalls;
  private final Cancellation cancellation;
  private final LongSupplier nanoTime;
  private volatile Flow.@Nullable Subscription subscription;

  private record Event(List<ByteBuffer> buffers, boolean last, @Nullable Throwable failure) {}

  ResponseBody(MinimumSpeed minimum, Cancellation cancellation, LongSupplier nanoTime) {
    this.stalls = new StallDetector(minimum);
    this.cancellation = cancellation;
    this.nanoTime = nanoTime;
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
    try {
      while (true) {
        cancellation.check();
        long start = nanoTime.getAsLong();
        Event event = events.poll(Cancellation.POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        long waited = nanoTime.getAsLong() - start;
        if (event == null) {
          stalls.waited(waited, 0);
        } else if (event.last) {
          return event;
        } else {
          stalls.waited(waited, event.buffers.stream().mapToLong(ByteBuffer::remaining).sum());
          return event;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Cancellation.interrupted();
    }
  }

  /** Reads what is left of a small body. */
  byte[] readAll(int maxBytes) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Optional<ByteBuffer> next = next();
    while (next.isPresent()) {
      byte[] bytes = new byte[next.get().remaining()];
      next.get().get(bytes);
      all.write(bytes);
      if (all.size() > maxBytes) {
        throw new HubException("The hub's response is longer than " + maxBytes + " bytes.");
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
