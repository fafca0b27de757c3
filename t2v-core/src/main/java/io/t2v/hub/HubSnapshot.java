package io.t2v.hub;

import java.nio.file.Path;

/**
 * One revision of a model in the cache on this machine.
 *
 * @param name on the hub, such as {@code ali-vilab/text-to-video-ms-1.7b}
 * @param revision on Hugging Face's hub the commit, 40 hexadecimal digits; on ModelScope's, which
 *     does not tell the commit, the branch or tag that was asked for
 * @param folder with the files; they belong to the cache and are not to be changed
 */
public record HubSnapshot(String name, String revision, Path folder) {
  /**
   * Creates a snapshot, as {@link HubModel} does.
   *
   * @param name on the hub
   * @param revision commit, branch or tag
   * @param folder with the files
   */
  public HubSnapshot {}

  /**
   * Says how to repair a file of this snapshot that turns out to be damaged.
   *
   * @return a sentence for error messages
   */
  public String repairHint() {
    return "If a file of "
        + this
        + " in the cache is damaged, download it again: t2v download "
        + name
        + " --verify, or HubModel.verify(). Both replace the files whose digests do not match.";
  }

  @Override
  public String toString() {
    return name + "@" + revision;
  }
}
