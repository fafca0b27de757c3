package io.t2v.hub;

/**
 * Receives the progress of a download, on the thread that downloads. Not called if everything is in
 * the cache. An exception that it throws ends the download.
 */
@FunctionalInterface
public interface DownloadListener {
  /**
   * Called at the start and the end of each file, and after each MiB. The number of bytes falls
   * only if a file turns out to be damaged and is downloaded anew.
   *
   * @param progress how far the download is
   */
  void onProgress(DownloadProgress progress);
}
