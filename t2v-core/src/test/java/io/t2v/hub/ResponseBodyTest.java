package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Connections that are too slow. */
class ResponseBodyTest {
  private static final Flow.Subscription SUBSCRIPTION =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  /** Passes with each look at the clock, so that no test waits. */
  private final AtomicLong clock = new AtomicLong();

  private ResponseBody body(Duration tick, boolean cancelled) {
    Cancellation cancellation =
        new Cancellation(
            () -> cancelled, Sleeper.SYSTEM, Deadline.in(Optional.empty(), System::nanoTime));
    ResponseBody body =
        new ResponseBody(
            new MinimumSpeed(100, Duration.ofSeconds(10)),
            cancellation,
            () -> clock.addAndGet(tick.toNanos()));
    body.onSubscribe(SUBSCRIPTION);
    return body;
  }

  @Test
  void givesUpOnASilentConnection() throws IOException {
    ResponseBody body = body(Duration.ofSeconds(9), false);
    body.onNext(List.of(ByteBuffer.allocate(0), ByteBuffer.wrap(new byte[3])));
    assertThat(body.next()).hasValueSatisfying(bytes -> assertThat(bytes.remaining()).isEqualTo(3));
    assertThatExceptionOfType(StallDetector.StallException.class)
        .isThrownBy(body::next)
        .withMessage("3 bytes arrived in 18 s, expected at least 100 bytes a second");
  }

  @Test
  void givesUpOnAConnectionThatDrips() {
    ResponseBody body = body(Duration.ofSeconds(1), false);
    for (int i = 0; i < 20; i++) {
      body.onNext(List.of(ByteBuffer.wrap(new byte[99])));
    }
    assertThatExceptionOfType(StallDetector.StallException.class)
        .isThrownBy(() -> body.readAll(10_000))
        .withMessage("990 bytes arrived in 10 s, expected at least 100 bytes a second");
  }

  @Test
  void takesAConnectionOfTheMinimumSpeed() throws IOException {
    ResponseBody body = body(Duration.ofSeconds(1), false);
    for (int i = 0; i < 50; i++) {
      body.onNext(List.of(ByteBuffer.wrap(new byte[100])));
    }
    body.onComplete();
    assertThat(body.readAll(10_000)).hasSize(5000);
  }

  @Test
  void doesNotCountTheTimeBetweenReads() throws IOException {
    ResponseBody body = body(Duration.ofNanos(1), false);
    for (int i = 0; i < 3; i++) {
      body.onNext(List.of(ByteBuffer.wrap(new byte[1])));
      assertThat(body.next()).isPresent();
      clock.addAndGet(Duration.ofHours(1).toNanos());
    }
    body.onComplete();
    assertThat(body.next()).isEmpty();
  }

  @Test
  void noticesCancellationWhileNothingArrives() {
    ResponseBody reader = body(Duration.ofNanos(1), true);
    assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next);
  }

  @Test
  void endsMoreThanOnce() throws IOException {
    ResponseBody reader = body(Duration.ofNanos(1), false);
    reader.onNext(List.of(ByteBuffer.wrap(new byte[] {1, 2})));
    reader.onNext(List.of(ByteBuffer.wrap(new byte[] {3})));
    reader.onComplete();
    assertThat(reader.readAll(3)).containsExactly(1, 2, 3);
    assertThat(reader.next()).isEmpty();
  }
}
