package io.t2v.hub;

/**
 * The progress of a model's download. Sizes cover all files that were not in the cache.
 *
 * @param file being downloaded, with {@code /} between folders
 * @param bytes downloaded so far, those of an earlier attempt included
 * @param totalBytes to download
 */
public record DownloadProgress(String file, long bytes, long totalBytes) {
  /**
   * Creates a report.
   *
   * @param file being downloaded
   * @param bytes downloaded so far
   * @param totalBytes to download
   */
  public DownloadProgress {}

  /**
   * Returns the fraction that was downloaded.
   *
   * @return from 0 to 1
   */
  public double fraction() {
    return totalBytes == 0 ? 1 : (double) bytes / totalBytes;
  }
}
