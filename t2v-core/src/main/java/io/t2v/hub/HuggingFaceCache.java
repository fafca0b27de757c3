package io.t2v.hub;

import io.t2v.internal.io.Printable;
import io.t2v.internal.io.SmallFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The cache of Python's {@code huggingface_hub}: contents under {@code blobs/}, each named by its
 * digest; under {@code snapshots/} a folder for each commit, with links to contents; under {@code
 * refs/} the commit of each branch or tag.
 *
 * <p>Where links cannot be made, snapshots hold the files themselves, as Python does it.
 *
 * @see <a href="https://huggingface.co/docs/hub/local-cache">Hub Local Cache</a>
 */
final class HuggingFaceCache implements LocalCache {
  private static final int MAX_REF_BYTES = 1 << 10;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private final Path repository;
  private final Path locks;
  private final boolean links;

  /**
   * Names a model in a cache.
   *
   * @param root of the cache
   * @param model with its organisation
   * @param links whether to make links where the file system has them
   */
  HuggingFaceCache(Path root, String model, boolean links) {
    String folder = "models--" + model.replace("/", "--");
    this.repository = root.resolve(folder);
    this.locks = root.resolve(".locks").resolve(folder);
    this.links = links;
  }

  /** Whether a revision is a commit, whose files never change. */
  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  @Override
  public Optional<String> find(String revision) {
    Optional<String> commit = isCommit(revision) ? Optional.of(revision) : readRef(revision);
    return commit.filter(found -> Files.isDirectory(folder(found)));
  }

  private Optional<String> readRef(String revision) {
    Path file = ref(revision);
    try {
      String commit = SmallFile.readText(file, MAX_REF_BYTES).strip();
      if (!isCommit(commit)) {
        throw new HubException(
            file
                + " holds \""
                + Printable.of(commit)
                + "\", expected a commit of 40 hexadecimal digits.");
      }
      return Optional.of(commit);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (Files.isDirectory(file)) {
        return Optional.empty();
      }
      throw new HubException("Could not read " + file + ": " + e.getMessage(), e);
    }
  }

  private Path ref(String revision) {
    return repository.resolve("refs").resolve(revision);
  }

  @Override
  public Path folder(String commit) {
    return repository.resolve("snapshots").resolve(commit);
  }

  /** A commit's files never change. */
  @Override
  public boolean has(FileListing listing, String file, Cancellation cancellation) {
    return Files.isRegularFile(place(listing.revision(), file));
  }

  @Override
  public void remember(String asked, String commit) throws IOException {
    if (asked.equals(commit) || readRef(asked).equals(Optional.of(commit))) {
      return;
    }
    Path ref = ref(asked);
    Files.createDirectories(ref.getParent());
    Path temporary = ref.resolveSibling(ref.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.writeString(temporary, commit);
      Files.move(
          temporary, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public void store(String commit, RemoteFile file, Filler filler, Cancellation cancellation)
      throws IOException {
    String name = file.digest().hex();
    Path blob = blob(file);
    Path place = place(commit, file.path());
    try (DownloadLock lock = DownloadLock.acquire(locks.resolve(name + ".lock"), cancellation)) {
      if (Files.isRegularFile(place)) {
        return;
      }
      boolean isNew = !Files.isRegularFile(blob) || Files.size(blob) != file.size();
      if (isNew) {
        Path temporary = PartialFile.open(blob, lock.isHeld());
        try {
          filler.fill(temporary);
          PartialFile.publish(temporary, blob);
        } finally {
          PartialFile.deleteIfEmpty(temporary);
        }
      }
      Files.createDirectories(place.getParent());
      if (!link(place, blob)) {
        copy(place, blob, isNew);
      }
    }
  }

  /** Deletes the content, which other revisions may share, and this revision's name of it. */
  @Override
  public boolean deleteIfDamaged(String commit, RemoteFile file, Cancellation cancellation)
      throws IOException {
    Path place = place(commit, file.path());
    if (!Files.isRegularFile(place)
        || (Files.size(place) == file.size() && file.digest().matches(place, cancellation))) {
      return false;
    }
    Files.delete(place);
    Files.deleteIfExists(blob(file));
    return true;
  }

  private Path blob(RemoteFile file) {
    return repository.resolve("blobs").resolve(file.digest().hex());
  }

  /** Links with a relative path, so that the cache can be moved. */
  private boolean link(Path place, Path blob) throws IOException {
    if (!links) {
      return false;
    }
    Path target = place.resolveSibling("").relativize(blob);
    try {
      if (Files.isSymbolicLink(place)) {
        // It leads nowhere: somebody deleted the content.
        Files.delete(place);
      }
      Files.createSymbolicLink(place, target);
      return true;
    } catch (FileAlreadyExistsException e) {
      return true;
    } catch (UnsupportedOperationException | IOException e) {
      return false;
    }
  }

  /** Without links: content that is new belongs to this snapshot alone, other content is shared. */
  private static void copy(Path place, Path blob, boolean isNew) throws IOException {
    if (isNew) {
      PartialFile.publish(blob, place);
      return;
    }
    Path temporary = place.resolveSibling(place.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.copy(blob, temporary);
      PartialFile.publish(temporary, place);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
