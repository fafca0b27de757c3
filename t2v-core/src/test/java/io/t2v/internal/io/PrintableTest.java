package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void escapesWhatCannotBeSeen() {
    assertThat(Printable.of("a\u001b[0m\n\u202e\u2028\ud800"))
        .isEqualTo("a\\u001b[0m\\u000a\\u202e\\u2028\\ud800");
    assertThat(Printable.of("größer 東京 \ud83d\udc3c 'x'")).isEqualTo("größer 東京 \ud83d\udc3c 'x'");
    assertThat(Printable.of(null)).isEqualTo("null");
  }

  @Test
  void cutsLongTexts() {
    assertThat(Printable.of("x".repeat(100))).hasSize(100);
    assertThat(Printable.of("x".repeat(101))).isEqualTo("x".repeat(100) + "...");
    assertThat(Printable.of("x".repeat(99) + "\ud83d\udc3cy")).endsWith("x\ud83d\udc3c...");
  }
}
