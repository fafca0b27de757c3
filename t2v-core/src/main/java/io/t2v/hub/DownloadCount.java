package io.t2v.hub;

/** Counts the bytes of a download, and tells the listener about every MiB of them. */
final class DownloadCount {
  private static final long STEP = 1 << 20;

  private final long total;
  private final DownloadListener listener;
  private String file = "";
  private long bytes;
  private long told;

  DownloadCount(long total, DownloadListener listener) {
    this.total = total;
    this.listener = listener;
  }

  void begin(String name) {
    file = name;
    tell();
  }

  void add(long count) {
    bytes += count;
    if (bytes - told >= STEP) {
      tell();
    }
  }

  /** Bytes turned out to be of no use. */
  void takeBack(long count) {
    bytes -= count;
    tell();
  }

  void end() {
    tell();
  }

  private void tell() {
    told = bytes;
    listener.onProgress(new DownloadProgress(file, bytes, total));
  }
}
