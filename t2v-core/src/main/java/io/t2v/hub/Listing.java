package io.t2v.hub;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The files of one revision, as a hub tells them. */
interface Listing {
  /** What the cache calls the revision. */
  String revision();

  /** All files, with {@code /} between folders; each is a relative path that stays inside. */
  List<String> files();

  /** Says, or asks, where one of these files is, and what it has to be. */
  RemoteFile describe(String file);

  /** When a file was last changed, if the hub says so. */
  default Optional<Instant> changed(String file) {
    return Optional.empty();
  }
}
