package io.t2v.hub;

/** Counts the bytes of a download, and reports every MiB of them to the listener. */
final class ProgressReporter {
  private static final long REPORT_BYTES = 1 << 20;

  private final long total;
  private final DownloadListener listener;
  private String file = "";
  private long bytes;
  private long reported;

  ProgressReporter(long total, DownloadListener listener) {
    this.total = total;
    this.listener = listener;
  }

  void begin(String name) {
    file = name;
    report();
  }

  void add(long count) {
    bytes += count;
    if (bytes - reported >= REPORT_BYTES) {
      report();
    }
  }

  /** Subtracts bytes that turned out to be damaged. */
  void subtract(long count) {
    bytes -= count;
    report();
  }

  void end() {
    report();
  }

  private void report() {
    reported = bytes;
    listener.onProgress(new DownloadProgress(file, bytes, total));
  }
}
