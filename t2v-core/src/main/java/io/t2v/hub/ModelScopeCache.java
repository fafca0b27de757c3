package io.t2v.hub;

import io.t2v.internal.io.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final int MAX_VERSION_BYTES = 1 << 16;
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
      Matcher version =
          VERSION.matcher(SmallFile.readText(folder.resolve(".mv"), MAX_VERSION_BYTES));
      return !version.find() || version.group(1).equals(revision);
    } catch (IOException e) {
      // No revision is recorded: the hub's listing decides about each file.
      return true;
    }
  }

  /**
   * The files of a branch change. One of the right size is taken if it is newer than the hub's last
   * change, or else if its digest matches.
   */
  @Override
  public boolean has(FileListing listing, String file, Cancellation cancellation) {
    Path place = place(listing.revision(), file);
    RemoteFile remote = listing.describe(file);
    try {
      return Files.isRegularFile(place)
          && Files.size(place) == remote.size()
          && (isNewer(place, listing, file) || remote.digest().matches(place, cancellation));
    } catch (IOException e) {
      throw new HubException("Could not read " + place + ": " + e.getMessage(), e);
    }
  }

  private static boolean isNewer(Path place, FileListing listing, String file) throws IOException {
    Optional<Instant> changed = listing.lastModified(file);
    return changed.isPresent()
        && Files.getLastModifiedTime(place).toInstant().isAfter(changed.get());
  }

  private static boolean isIntact(Path place, RemoteFile remote, Cancellation cancellation)
      throws IOException {
    return Files.size(place) == remote.size() && remote.digest().matches(place, cancellation);
  }

  /** Folders are named by branch or tag: there is nothing to record. */
  @Override
  public void remember(String asked, String revision) {}

  @Override
  public void store(String revision, RemoteFile file, Filler filler, Cancellation cancellation)
      throws IOException {
    Path place = place(revision, file.path());
    String lockName = lockStem + file.path().replace("/", "___").replace(".", "_") + ".lock";
    try (DownloadLock lock = DownloadLock.acquire(locks.resolve(lockName), cancellation)) {
      if (Files.isRegularFile(place) && isIntact(place, file, cancellation)) {
        return;
      }
      Path temporary = PartialFile.open(place, lock.isHeld());
      try {
        filler.fill(temporary);
        PartialFile.publish(temporary, place);
      } finally {
        PartialFile.deleteIfEmpty(temporary);
      }
    }
  }

  @Override
  public boolean deleteIfDamaged(String revision, RemoteFile file, Cancellation cancellation)
      throws IOException {
    Path place = place(revision, file.path());
    if (!Files.isRegularFile(place) || isIntact(place, file, cancellation)) {
      return false;
    }
    Files.delete(place);
    return true;
  }
}
