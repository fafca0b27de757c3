package io.t2v.cli;

import io.t2v.CancellationToken;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns the end of the JVM, such as Ctrl-C asks for, into a cancellation, and holds the end up
 * until what was cancelled has cleaned up.
 *
 * <p>To be closed last: closing says that everything is clean.
 */
final class CtrlC implements AutoCloseable {
  /** More than a block of the full-size network takes on a slow machine. */
  private static final long PATIENCE_SECONDS = 60;

  private final CancellationToken token = new CancellationToken();
  private final CountDownLatch clean = new CountDownLatch(1);
  private final Thread hook = new Thread(this::cancel, "t2v-cancel");

  private CtrlC() {}

  static CtrlC listen() {
    CtrlC listening = new CtrlC();
    Runtime.getRuntime().addShutdownHook(listening.hook);
    return listening;
  }

  CancellationToken token() {
    return token;
  }

  private void cancel() {
    token.cancel();
    try {
      clean.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    clean.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook is running: it ends by itself now.
    }
  }
}
