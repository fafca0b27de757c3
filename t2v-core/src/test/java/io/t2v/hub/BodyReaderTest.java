package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** Connections that fall silent. */
class BodyReaderTest {
  private static final Flow.Subscription SUBSCRIPTION =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private static BodyReader reader(Duration silence, boolean cancelled) {
    BodyReader reader = new BodyReader(silence, new Cancellation(() -> cancelled, Pauses.real()));
    reader.onSubscribe(SUBSCRIPTION);
    return reader;
  }

  @Test
  void givesUpWhenNothingArrives() throws IOException {
    BodyReader reader = reader(Duration.ofMillis(1), false);
    reader.onNext(List.of(ByteBuffer.allocate(0), ByteBuffer.wrap(new byte[3])));
    assertThat(reader.next())
        .hasValueSatisfying(bytes -> assertThat(bytes.remaining()).isEqualTo(3));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(reader::next)
        .withMessageContaining("nothing arrived for");
  }

  @Test
  void noticesCancellationWhileNothingArrives() {
    BodyReader reader = reader(Duration.ofDays(1), true);
    assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next);
  }

  @Test
  void endsMoreThanOnce() throws IOException {
    BodyReader reader = reader(Duration.ofDays(1), false);
    reader.onNext(List.of(ByteBuffer.wrap(new byte[] {1, 2})));
    reader.onNext(List.of(ByteBuffer.wrap(new byte[] {3})));
    reader.onComplete();
    assertThat(reader.readAll(3)).containsExactly(1, 2, 3);
    assertThat(reader.next()).isEmpty();
  }
}
