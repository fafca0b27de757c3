package io.t2v;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The result of a generation that runs elsewhere. Cancelling it stops the generation within one
 * block of the network.
 */
final class CancellableFuture<T> extends CompletableFuture<T> {
  private final CancellationToken token;

  private CancellableFuture(CancellationToken token) {
    this.token = token;
  }

  static <T> CancellableFuture<T> start(
      CancellationToken token, Executor executor, Supplier<T> work) {
    CancellableFuture<T> future = new CancellableFuture<>(token);
    executor.execute(
        () -> {
          try {
            future.complete(work.get());
          } catch (Throwable e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    // in this order, or the end of the generation could come first
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    token.cancel();
    return cancelled;
  }
}
