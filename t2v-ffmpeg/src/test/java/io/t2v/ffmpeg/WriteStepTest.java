package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class WriteStepTest {
  @Test
  void whateverAStepThrowsBecomesAVideoWriteException() {
    assertBecomes(new FfmpegException("no encoder"), "cannot write a.mp4: no encoder");
    assertBecomes(
        new FileSystemException("a.mp4", null, "No space left"),
        "cannot write a.mp4: No space left");
    assertBecomes(new IOException("gone"), "cannot write a.mp4: IOException: gone");
    assertBecomes(
        new NullPointerException("address is null"),
        "cannot write a.mp4: unexpected java.lang.NullPointerException: address is null");
    assertBecomes(
        new UnsatisfiedLinkError("no symbol"),
        "cannot write a.mp4: unexpected java.lang.UnsatisfiedLinkError: no symbol");
    assertBecomes(
        new OutOfMemoryError("Java heap space"),
        "cannot write a.mp4: out of memory (Java heap space); allow more with -Xmx");
  }

  private static void assertBecomes(Throwable thrown, String message) {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> WriteStep.run("cannot write a.mp4", () -> fail(thrown)))
        .withMessageStartingWith(message)
        .withCause(thrown);
  }

  private static Void fail(Throwable thrown) throws FfmpegException, IOException {
    if (thrown instanceof FfmpegException e) {
      throw e;
    }
    if (thrown instanceof IOException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) thrown;
  }

  @Test
  void aStreamThatThrowsAnythingIsNamed() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new IllegalStateException("closed by its owner");
          }
        };

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.flat(0, 32, 32, 1), broken))
        .withMessageContaining("closed by its owner")
        .withCauseInstanceOf(IllegalStateException.class);
  }
}
