package io.t2v.hub;

/** One model on a hub. */
interface Repository {
  /**
   * Lists the files of a revision.
   *
   * @param revision branch, tag or commit
   * @param attempts how often to try
   * @throws HubException if there is no such revision, or access is refused
   * @throws HubException.Unreachable if the hub does not answer
   */
  FileListing list(String revision, int attempts);
}
