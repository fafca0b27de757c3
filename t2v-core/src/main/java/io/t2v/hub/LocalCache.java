package io.t2v.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One model's place in a cache on this machine. */
interface LocalCache {
  /**
   * Finds what a revision is in this cache.
   *
   * @param revision branch, tag or commit
   * @return the revision by the cache's own name; empty if nothing of it is here
   */
  Optional<String> find(String revision);

  /**
   * Names the folder of a revision.
   *
   * @param revision by the cache's own name
   * @return a folder, which need not exist
   */
  Path folder(String revision);

  /** Tells whether a file is here as the hub lists it. */
  boolean has(Listing listing, String file);

  /**
   * Takes note of what a branch or tag stands for, when all its files are here.
   *
   * @param asked branch, tag or commit
   * @param revision by the cache's own name
   */
  void remember(String asked, String revision) throws IOException;

  /** Where a file is, or will be. */
  default Path place(String revision, String file) {
    return folder(revision).resolve(file);
  }

  /**
   * Puts a file in its place, unless another download did so meanwhile.
   *
   * @param filler brings the content into a temporary file
   */
  void store(String revision, RemoteFile file, Filler filler, Cancellation cancellation)
      throws IOException;

  /** Brings a file's content. */
  @FunctionalInterface
  interface Filler {
    /** Fills a temporary file, which may hold the beginning already. */
    void into(Path temporary) throws IOException;
  }

  /** Lists the files of a revision that are here, with {@code /} between folders. */
  default List<String> files(String revision) {
    Path folder = folder(revision);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(file -> !TemporaryFile.isOne(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new HubException("Could not list " + folder + ": " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new HubException("Could not list " + folder + ": " + e.getMessage(), e);
    }
  }
}
