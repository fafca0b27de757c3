package io.t2v.hub;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The files of one revision, as a hub lists them. */
interface FileListing {
  /** The name of the revision in the cache. */
  String revision();

  /** All files, with {@code /} between folders; relative paths without {@code ..}. */
  List<String> files();

  /** Returns URL, size and digest of one of these files, which may need a request to the hub. */
  RemoteFile describe(String file);

  /** When a file was last changed, if the hub says so. */
  default Optional<Instant> lastModified(String file) {
    return Optional.empty();
  }
}
