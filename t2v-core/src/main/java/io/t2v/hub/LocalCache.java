package io.t2v.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One model in a cache on this machine. */
interface LocalCache {
  /**
   * Resolves a revision without asking the hub.
   *
   * @param revision branch, tag or commit
   * @return the cache's name for it; empty if the cache holds nothing of it
   */
  Optional<String> find(String revision);

  /**
   * Names the folder of a revision.
   *
   * @param revision the cache's name for it
   * @return a folder, which need not exist
   */
  Path folder(String revision);

  /** Tells whether the cache holds a file as the hub lists it. */
  boolean has(FileListing listing, String file, Cancellation cancellation);

  /**
   * Records the commit of a branch or tag, when all its files are in the cache.
   *
   * @param asked branch, tag or commit
   * @param revision the cache's name for it
   */
  void remember(String asked, String revision) throws IOException;

  /** The path of a file, which need not exist. */
  default Path place(String revision, String file) {
    return folder(revision).resolve(file);
  }

  /**
   * Stores a file, unless another download did so meanwhile.
   *
   * @param filler writes the content to a partial file
   */
  void store(String revision, RemoteFile file, Filler filler, Cancellation cancellation)
      throws IOException;

  /**
   * Deletes a file whose content is not what the hub says it is, so that it can be stored anew.
   *
   * @return whether there was such a file
   * @throws IOException if it cannot be read or deleted
   */
  boolean deleteIfDamaged(String revision, RemoteFile file, Cancellation cancellation)
      throws IOException;

  /** Writes a file's content. */
  @FunctionalInterface
  interface Filler {
    /** Completes a partial file, which may hold the beginning already. */
    void fill(Path partial) throws IOException;
  }

  /** Lists the files of a revision that the cache holds, with {@code /} between folders. */
  default List<String> files(String revision) {
    Path folder = folder(revision);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(file -> !PartialFile.isPartial(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new HubException("Could not list " + folder + ": " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new HubException("Could not list " + folder + ": " + e.getMessage(), e);
    }
  }
}
