package io.t2v.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cache of Python's {@code modelscope}: {@code models/org--name/snapshots/<revision>/} with the
 * files themselves.
 *
 * <p>Up to version 1.37 it was {@code models/org/name/}, before that {@code org/name/}, both below
 * {@code hub/} if no variable said otherwise, with dots in the name written as {@code ___}, and one
 * version of each file. Where such a folder exists it is used, as later versions do; its {@code
 * .mv} names the revision.
 */
final class ModelScopeCache implements LocalCache {
  private static final Pattern VERSION = Pattern.compile("Revision:([^,\\s]+)");

  private final Path current;
  private final List<Path> earlier;
  private final Path locks;
  private final String lockStem;

  ModelScopeCache(Path root, String model) {
    int slash = model.indexOf('/');
    String organisation = model.substring(0, slash);
    String name = model.substring(slash + 1).replace(".", "___");
    current = root.resolve("models").resolve(model.replace("/", "--")).resolve("snapshots");
    earlier =
        Stream.of(root.resolve("models"), root.resolve("hub").resolve("models"), root, hub(root))
            .map(folder -> folder.resolve(organisation).resolve(name))
            .toList();
    locks = root.resolve(".lock");
    lockStem = "model_" + model.replace("/", "___") + "_";
  }

  private static Path hub(Path root) {
    return root.resolve("hub");
  }

  @Override
  public Optional<String> find(String revision) {
    return Files.isDirectory(folder(revision)) ? Optional.of(revision) : Optional.empty();
  }

  @Override
  public Path folder(String revision) {
    Path own = current.resolve(revision);
    if (Files.isDirectory(own)) {
      return own;
    }
    return earlier.stream().filter(folder -> holds(folder, revision)).findFirst().orElse(own);
  }

  private static boolean holds(Path folder, String revision) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try {
      Matcher version = VERSION.matcher(Files.readString(folder.resolve(".mv")));
      return !version.find() || version.group(1).equals(revision);
    } catch (IOException e) {
      // Whoever made it did not say: the hub's listing decides about each file.
      return true;
    }
  }

  /**
   * A branch's files change. One of the right size is right if it came after the hub's last change,
   * or else by its digest.
   */
  @Override
  public boolean has(Listing listing, String file) {
    Path place = place(listing.revision(), file);
    RemoteFile remote = listing.describe(file);
    try {
      return Files.isRegularFile(place)
          && Files.size(place) == remote.size()
          && (isNewer(place, listing, file) || isRight(place, remote));
    } catch (IOException e) {
      throw new HubException("Could not read " + place + ": " + e.getMessage(), e);
    }
  }

  private static boolean isNewer(Path place, Listing listing, String file) throws IOException {
    Optional<Instant> changed = listing.changed(file);
    return changed.isPresent()
        && Files.getLastModifiedTime(place).toInstant().isAfter(changed.get());
  }

  private static boolean isRight(Path place, RemoteFile remote) throws IOException {
    MessageDigest digest = remote.digest().start(remote.size());
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(place)) {
      int read = in.read(buffer);
      while (read >= 0) {
        digest.update(buffer, 0, read);
        read = in.read(buffer);
      }
    }
    return remote.digest().matches(digest.digest());
  }

  /** Folders are named by what was asked for: there is nothing to note. */
  @Override
  public void remember(String asked, String revision) {}

  @Override
  public void store(String revision, RemoteFile file, Filler filler, Cancellation cancellation)
      throws IOException {
    Path place = place(revision, file.path());
    String lockName = lockStem + file.path().replace("/", "___").replace(".", "_") + ".lock";
    try (DownloadLock lock = DownloadLock.acquire(locks.resolve(lockName), cancellation)) {
      if (Files.isRegularFile(place) && Files.size(place) == file.size() && isRight(place, file)) {
        return;
      }
      Path temporary = TemporaryFile.open(place, lock.isHeld());
      try {
        filler.into(temporary);
        TemporaryFile.publish(temporary, place);
      } finally {
        TemporaryFile.deleteIfEmpty(temporary);
      }
    }
  }
}
