package io.t2v.hub;

/**
 * How far the download of a model is.
 *
 * @param file that is being downloaded, with {@code /} between folders
 * @param bytes that are here, of all files that were not in the cache; what an earlier attempt left
 *     counts as well
 * @param totalBytes of all files that were not in the cache
 */
public record DownloadProgress(String file, long bytes, long totalBytes) {
  /**
   * Checks nothing: progress is reported by downloads.
   *
   * @param file that is being downloaded
   * @param bytes that are here
   * @param totalBytes that are wanted
   */
  public DownloadProgress {}

  /**
   * Returns the share that is here.
   *
   * @return from 0 to 1
   */
  public double fraction() {
    return totalBytes == 0 ? 1 : (double) bytes / totalBytes;
  }
}
