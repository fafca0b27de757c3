package io.t2v.internal.torch;

import java.util.function.IntSupplier;
import org.bytedeco.pytorch.global.torch;

/**
 * Sets libtorch's number of threads for one thread alone.
 *
 * <p>{@code set_num_threads} changes two things: the calling thread's own number, and the number
 * that threads start with which have not used libtorch yet. The second one belongs to the host, so
 * it is read before and put back after, on fresh threads: they have no number of their own that
 * would be read instead. A thread of the host that first uses libtorch in the moment between starts
 * with the number that is set here.
 */
final class IntraOpThreads {
  private IntraOpThreads() {}

  /** Lets operators of this thread use so many threads; other threads keep theirs. */
  static synchronized void setForThisThread(int threads) {
    if (torch.get_num_threads() == threads) {
      return;
    }
    int hosts = onFreshThread(torch::get_num_threads);
    torch.set_num_threads(threads);
    onFreshThread(
        () -> {
          torch.set_num_threads(hosts);
          return hosts;
        });
  }

  private static int onFreshThread(IntSupplier work) {
    int[] result = {0};
    Thread thread = new Thread(() -> result[0] = work.getAsInt(), "t2v-thread-count");
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result[0];
  }
}
